#include "textflag.h"

#define SYS_write          1
#define SYS_rt_sigprocmask 14
#define SYS_nanosleep      35
#define SYS_clone          56
#define SYS_exit           60
#define SYS_futex          202
#define SYS_exit_group     231

#define TASKS   13 // the constant Tasks
#define TRIES   20
#define STATUS  71 // NoTasks
#define EAGAIN  11
#define ENOMEM  12

// VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: as the threads of the runtime.
#define THREAD  0x50f00

// R12 belongs to the entry. The threads have the stack pointer of this one and touch no
// stack, so that no signal may reach them: all are blocked meanwhile.
TEXT ·room(SB), NOSPLIT|NOFRAME, $0
	SUBQ	$8, SP
	MOVQ	$-1, AX
	MOVQ	AX, ·full(SB)
	MOVQ	$2, DI // SIG_SETMASK
	LEAQ	·full(SB), SI
	MOVQ	SP, DX
	MOVQ	$8, R10
	MOVQ	$SYS_rt_sigprocmask, AX
	SYSCALL
	MOVQ	$TRIES, R13

try:
	MOVL	$0, ·gate(SB)
	MOVQ	$TASKS, R14

next:
	MOVQ	$THREAD, DI
	MOVQ	$0, SI
	MOVQ	$0, DX
	MOVQ	$0, R10
	MOVQ	$0, R8
	MOVQ	$SYS_clone, AX
	SYSCALL
	CMPQ	AX, $0
	JEQ	thread
	JLT	enough
	DECQ	R14
	JNE	next

enough: // R14 is how many there are too few, AX why
	MOVQ	AX, R15
	MOVL	$1, ·gate(SB)
	LEAQ	·gate(SB), DI
	MOVQ	$129, SI // FUTEX_WAKE, private
	MOVQ	$TASKS, DX
	MOVQ	$SYS_futex, AX
	SYSCALL
	CMPQ	R14, $0
	JEQ	done
	CMPQ	R15, $-EAGAIN
	JEQ	again
	CMPQ	R15, $-ENOMEM
	JNE	done // something else is wrong: the runtime may be luckier

again:
	DECQ	R13
	JEQ	refuse
	LEAQ	·pause(SB), DI
	MOVQ	$0, SI
	MOVQ	$SYS_nanosleep, AX
	SYSCALL
	JMP	try

done:
	MOVQ	$2, DI
	MOVQ	SP, SI
	MOVQ	$0, DX
	MOVQ	$8, R10
	MOVQ	$SYS_rt_sigprocmask, AX
	SYSCALL
	ADDQ	$8, SP
	RET

refuse:
	MOVQ	$2, DI
	MOVQ	·noTasks+0(SB), SI
	MOVQ	·noTasks+8(SB), DX
	MOVQ	$SYS_write, AX
	SYSCALL
	MOVQ	$STATUS, DI
	MOVQ	$SYS_exit_group, AX
	SYSCALL
	INT	$3

thread:
	LEAQ	·gate(SB), DI
	MOVQ	$128, SI // FUTEX_WAIT, private
	MOVQ	$0, DX   // while it is 0
	MOVQ	$0, R10
	MOVQ	$SYS_futex, AX
	SYSCALL
	CMPL	·gate(SB), $0
	JEQ	thread
	MOVQ	$0, DI
	MOVQ	$SYS_exit, AX
	SYSCALL
	INT	$3
