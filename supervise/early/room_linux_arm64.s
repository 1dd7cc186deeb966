#include "textflag.h"

#define SYS_write          64
#define SYS_exit           93
#define SYS_exit_group     94
#define SYS_futex          98
#define SYS_nanosleep      101
#define SYS_rt_sigprocmask 135
#define SYS_clone          220

#define TASKS   13 // the constant Tasks
#define TRIES   20
#define STATUS  71 // NoTasks
#define EAGAIN  11
#define ENOMEM  12

// VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: as the threads of the runtime.
#define THREAD  0x50f00

// The threads have the stack pointer of this one and touch no stack, so that no signal may
// reach them: all are blocked meanwhile.
TEXT ·room(SB), NOSPLIT|NOFRAME, $0
	SUB	$16, RSP
	MOVD	$·full(SB), R1
	MOVD	$-1, R9
	MOVD	R9, (R1)
	MOVD	$2, R0 // SIG_SETMASK
	MOVD	RSP, R2
	MOVD	$8, R3
	MOVD	$SYS_rt_sigprocmask, R8
	SVC
	MOVD	$TRIES, R13

try:
	MOVD	$·gate(SB), R10
	MOVW	ZR, (R10)
	MOVD	$TASKS, R14

next:
	MOVD	$THREAD, R0
	MOVD	$0, R1
	MOVD	$0, R2
	MOVD	$0, R3
	MOVD	$0, R4
	MOVD	$SYS_clone, R8
	SVC
	CMP	$0, R0
	BEQ	thread
	BLT	enough
	SUB	$1, R14, R14
	CBNZ	R14, next

enough: // R14 is how many there are too few, R0 why
	MOVD	R0, R15
	MOVD	$·gate(SB), R0
	MOVD	$1, R9
	MOVW	R9, (R0)
	MOVD	$129, R1 // FUTEX_WAKE, private
	MOVD	$TASKS, R2
	MOVD	$SYS_futex, R8
	SVC
	CBZ	R14, done
	CMP	$-EAGAIN, R15
	BEQ	again
	CMP	$-ENOMEM, R15
	BNE	done // something else is wrong: the runtime may be luckier

again:
	SUB	$1, R13, R13
	CBZ	R13, refuse
	MOVD	$·pause(SB), R0
	MOVD	$0, R1
	MOVD	$SYS_nanosleep, R8
	SVC
	B	try

done:
	MOVD	$2, R0
	MOVD	RSP, R1
	MOVD	$0, R2
	MOVD	$8, R3
	MOVD	$SYS_rt_sigprocmask, R8
	SVC
	ADD	$16, RSP
	RET

refuse:
	MOVD	$2, R0
	MOVD	$·noTasks(SB), R9
	MOVD	0(R9), R1
	MOVD	8(R9), R2
	MOVD	$SYS_write, R8
	SVC
	MOVD	$STATUS, R0
	MOVD	$SYS_exit_group, R8
	SVC
	BRK

thread:
	MOVD	$·gate(SB), R0
	MOVD	$128, R1 // FUTEX_WAIT, private
	MOVD	$0, R2   // while it is 0
	MOVD	$0, R3
	MOVD	$SYS_futex, R8
	SVC
	MOVD	$·gate(SB), R9
	MOVWU	(R9), R9
	CBZ	R9, thread
	MOVD	$0, R0
	MOVD	$SYS_exit, R8
	SVC
	BRK
