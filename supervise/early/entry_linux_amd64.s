#include "textflag.h"

#define SYS_write        1
#define SYS_rt_sigaction 13
#define SYS_rt_sigreturn 15
#define SYS_getpid       39
#define SYS_kill         62
#define SYS_clock        228 // clock_gettime
#define SYS_exit_group   231

// struct sigaction: handler, flags, restorer, mask; eight bytes each.
#define SA_HANDLER  0
#define SA_FLAGS    8
#define SA_BACK     16
#define SA_MASK     24
#define SA_RESTORER 0x04000000
#define SA_RESTART  0x10000000
#define SA_ONSTACK  0x08000000
#define SA_SIGINFO  4

#define SI_CODE    8   // in struct siginfo
#define SI_PID     16
#define SI_TKILL   -6
#define UC_SIGMASK 296 // in struct ucontext
#define EINVAL     22

// The sets "faults", "entered" and "first" of entry_linux.go; bit n-1 is signal n.
#define FAULTS  0x400084f8
#define ENTERED 0x2c000c4ff
#define FIRST   0xfffffffff780feff
#define HOLD    34

#define SIGPIPE 13
#define SIGTTIN 21
#define SIGTTOU 22

DATA ·notePC(SB)/8, $·note(SB)
GLOBL ·notePC(SB), NOPTR, $8
DATA ·backPC(SB)/8, $·back(SB)
GLOBL ·backPC(SB), NOPTR, $8

// The kernel enters here, with the arguments on the stack. SP and DX are to be left as the
// runtime's entry wants them.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ	8(SP), AX // a holder? Its argument zero says so
	TESTQ	AX, AX
	JEQ	begin
	MOVQ	$0x2d79617770696c73, CX // "slipway-"
	CMPQ	CX, (AX)
	JNE	begin
	MOVQ	$0x007265646c6f682d, CX // "-holder", and its end
	CMPQ	CX, 7(AX)
	JNE	begin
	JMP	·asHolder(SB)

begin:
	MOVQ	DX, R12
	MOVQ	$SYS_getpid, AX
	SYSCALL
	MOVQ	AX, ·owner(SB)
	MOVQ	$1, ·linked(SB)
	LEAQ	·keep(SB), AX
	MOVQ	AX, _cgo_sigaction(SB)

	SUBQ	$32, SP
	LEAQ	·note(SB), AX
	MOVQ	AX, SA_HANDLER(SP)
	MOVQ	$(SA_RESTORER|SA_ONSTACK|SA_SIGINFO|SA_RESTART), AX
	MOVQ	AX, SA_FLAGS(SP)
	LEAQ	·back(SB), AX
	MOVQ	AX, SA_BACK(SP)
	MOVQ	$-1, SA_MASK(SP)
	MOVQ	$FIRST, R13

next: // the lowest signal in R13
	BSFQ	R13, DI
	JEQ	done
	LEAQ	-1(R13), AX
	ANDQ	AX, R13
	INCQ	DI
	MOVQ	SP, SI
	MOVQ	$0, DX
	MOVQ	$8, R10
	MOVQ	$SYS_rt_sigaction, AX
	SYSCALL
	JMP	next

done:
	ADDQ	$32, SP
	CALL	·room(SB)
	MOVQ	R12, DX
	JMP	_rt0_amd64_linux(SB)

// keep(DI signal, SI new, DX old) answers the runtime's sigaction, in C's convention: our
// handlers stay, and the runtime's are noted. EINVAL: it may go on as it would.
TEXT ·keep(SB), NOSPLIT|NOFRAME, $0
	MOVQ	$EINVAL, AX
	LEAQ	-1(DI), CX
	TESTQ	SI, SI
	JEQ	asked
	MOVQ	$ENTERED, R8
	BTQ	CX, R8
	JCC	out
	MOVQ	SA_HANDLER(SI), R9
	CMPQ	R9, $1
	JLS	out // SIG_DFL and SIG_IGN are meant
	LEAQ	·theirs(SB), R8
	MOVQ	R9, (R8)(DI*8)
	MOVQ	$0, AX
	RET

asked: // what there was: the default
	MOVQ	$FIRST, R8
	BTQ	CX, R8
	JCC	out
	TESTQ	DX, DX
	JEQ	out
	MOVQ	$0, SA_HANDLER(DX)
	MOVQ	$0, SA_FLAGS(DX)
	MOVQ	$0, SA_BACK(DX)
	MOVQ	$0, SA_MASK(DX)
	MOVQ	$0, AX
out:
	RET

// note is the handler: DI is the number of the signal, SI its struct siginfo, DX the
// context. What the runtime has a handler for goes there if neither kill (code 0) nor
// sigqueue (code -1) has sent it.
TEXT ·note(SB), NOSPLIT|NOFRAME, $0
	MOVL	SI_CODE(SI), R10
	LEAQ	·theirs(SB), R8
	MOVQ	(R8)(DI*8), R8
	TESTQ	R8, R8
	JEQ	alone
	LEAL	1(R10), AX
	CMPL	AX, $1
	JLS	ours // unsigned
	JMP	R8

alone: // a fault before there is a runtime
	CMPL	R10, $0
	JLE	ours
	LEAQ	-1(DI), CX
	MOVQ	$FAULTS, AX
	BTQ	CX, AX
	JCC	ours
	ADDQ	$128, DI
	MOVQ	$SYS_exit_group, AX
	SYSCALL

ours:
	MOVQ	DI, R9
	MOVQ	$SYS_getpid, AX
	SYSCALL
	CMPQ	AX, ·owner(SB)
	JNE	done // a child that has our memory until its execve
	CMPQ	R9, $HOLD
	JNE	noted
	CMPL	R10, $SI_TKILL
	JNE	noted
	MOVQ	·holding(SB), AX
	ORQ	AX, UC_SIGMASK(DX)
	LOCK
	INCQ	·held(SB)
	RET

noted: // unless it comes of what we did: a broken pipe, a terminal that is not ours
	CMPQ	R9, $SIGPIPE
	JEQ	pipe
	CMPQ	R9, $SIGTTIN
	JEQ	terminal
	CMPQ	R9, $SIGTTOU
	JEQ	terminal

note:
	MOVQ	·holding(SB), AX
	LEAQ	-1(R9), CX
	BTQ	CX, AX
	JCC	keep
	ORQ	AX, UC_SIGMASK(DX) // a thread that nobody has told: it is put back, and waits
	MOVQ	·owner(SB), DI
	MOVQ	R9, SI
	MOVQ	$SYS_kill, AX
	SYSCALL
	RET

keep:
	SUBQ	$16, SP
	CMPQ	·noted(SB), $0
	JNE	set
	MOVQ	$1, DI // CLOCK_MONOTONIC
	MOVQ	SP, SI
	MOVQ	$SYS_clock, AX
	SYSCALL
	MOVQ	0(SP), AX
	MOVQ	AX, ·since+0(SB)
	MOVQ	8(SP), AX
	MOVQ	AX, ·since+8(SB)

set:
	LEAQ	-1(R9), CX
	MOVQ	$1, AX
	SHLQ	CX, AX
	LOCK
	ORQ	AX, ·noted(SB)
	MOVQ	$1, 0(SP)
	MOVQ	·wakeFD(SB), DI
	MOVQ	SP, SI
	MOVQ	$8, DX
	MOVQ	$SYS_write, AX
	SYSCALL
	ADDQ	$16, SP
done:
	RET

pipe:
	MOVL	SI_PID(SI), AX
	CMPQ	AX, ·owner(SB)
	JNE	note
	RET

terminal:
	CMPL	R10, $0
	JLE	note
	RET

// back is where a handler returns to.
TEXT ·back(SB), NOSPLIT|NOFRAME, $0
	MOVQ	$SYS_rt_sigreturn, AX
	SYSCALL
	INT	$3

// func unhook()
TEXT ·unhook(SB), NOSPLIT, $0
	MOVQ	$0, _cgo_sigaction(SB)
	RET
