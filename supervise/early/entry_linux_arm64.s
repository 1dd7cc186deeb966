#include "textflag.h"

#define SYS_write        64
#define SYS_exit_group   94
#define SYS_clock        113 // clock_gettime
#define SYS_rt_sigaction 134
#define SYS_getpid       172
#define SYS_kill         129

// struct sigaction: handler, flags, restorer, mask; eight bytes each.
#define SA_HANDLER 0
#define SA_FLAGS   8
#define SA_BACK    16
#define SA_MASK    24
#define SA_RESTART 0x10000000
#define SA_ONSTACK 0x08000000
#define SA_SIGINFO 4

#define SI_CODE    8  // in struct siginfo
#define SI_PID     16
#define SI_TKILL   -6
#define UC_SIGMASK 40 // in struct ucontext
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

// The kernel returns from a handler by itself.
GLOBL ·backPC(SB), NOPTR, $8

// The kernel enters here, with the arguments on the stack. SP is to be left as the
// runtime's entry wants it.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD	8(RSP), R9 // a holder? Its argument zero says so
	CBZ	R9, begin
	MOVD	(R9), R10
	MOVD	$0x2d79617770696c73, R11 // "slipway-"
	CMP	R10, R11
	BNE	begin
	MOVD	7(R9), R10
	MOVD	$0x007265646c6f682d, R11 // "-holder", and its end
	CMP	R10, R11
	BNE	begin
	B	·asHolder(SB)

begin:
	MOVD	$SYS_getpid, R8
	SVC
	MOVD	R0, ·owner(SB)
	MOVD	$1, R9
	MOVD	R9, ·linked(SB)
	MOVD	$·keep(SB), R9
	MOVD	R9, _cgo_sigaction(SB)

	SUB	$32, RSP
	MOVD	$·note(SB), R9
	MOVD	R9, SA_HANDLER(RSP)
	MOVD	$(SA_ONSTACK|SA_SIGINFO|SA_RESTART), R9
	MOVD	R9, SA_FLAGS(RSP)
	MOVD	ZR, SA_BACK(RSP)
	MOVD	$-1, R9
	MOVD	R9, SA_MASK(RSP)
	MOVD	$FIRST, R11

next: // the lowest signal in R11
	CBZ	R11, done
	RBIT	R11, R0
	CLZ	R0, R0
	ADD	$1, R0, R0
	SUB	$1, R11, R9
	AND	R9, R11, R11
	MOVD	RSP, R1
	MOVD	$0, R2
	MOVD	$8, R3
	MOVD	$SYS_rt_sigaction, R8
	SVC
	B	next

done:
	ADD	$32, RSP
	BL	·room(SB)
	B	_rt0_arm64_linux(SB)

// keep(R0 signal, R1 new, R2 old) answers the runtime's sigaction, in C's convention: our
// handlers stay, and the runtime's are noted. EINVAL: it may go on as it would.
TEXT ·keep(SB), NOSPLIT|NOFRAME, $0
	SUB	$1, R0, R3
	CBZ	R1, asked
	MOVD	$ENTERED, R4
	LSR	R3, R4, R4
	TBZ	$0, R4, other
	MOVD	SA_HANDLER(R1), R5
	CMP	$1, R5
	BLS	other // SIG_DFL and SIG_IGN are meant
	MOVD	$·theirs(SB), R6
	MOVD	R5, (R6)(R0<<3)
	MOVD	$0, R0
	RET

asked: // what there was: the default
	MOVD	$FIRST, R4
	LSR	R3, R4, R4
	TBZ	$0, R4, other
	CBZ	R2, other
	MOVD	ZR, SA_HANDLER(R2)
	MOVD	ZR, SA_FLAGS(R2)
	MOVD	ZR, SA_BACK(R2)
	MOVD	ZR, SA_MASK(R2)
	MOVD	$0, R0
	RET

other:
	MOVD	$EINVAL, R0
	RET

// note is the handler: R0 is the number of the signal, R1 its struct siginfo, R2 the
// context. What the runtime has a handler for goes there if neither kill (code 0) nor
// sigqueue (code -1) has sent it.
TEXT ·note(SB), NOSPLIT|NOFRAME, $0
	MOVW	SI_CODE(R1), R10
	MOVD	$·theirs(SB), R3
	MOVD	(R3)(R0<<3), R4
	CBZ	R4, alone
	ADDW	$1, R10, R5
	CMPW	$1, R5
	BLS	ours // unsigned
	JMP	(R4)

alone: // a fault before there is a runtime
	CMPW	$0, R10
	BLE	ours
	SUB	$1, R0, R3
	MOVD	$FAULTS, R4
	LSR	R3, R4, R4
	TBZ	$0, R4, ours
	ADD	$128, R0, R0
	MOVD	$SYS_exit_group, R8
	SVC

ours:
	MOVD	R0, R9
	MOVD	$SYS_getpid, R8
	SVC
	MOVD	·owner(SB), R3
	CMP	R3, R0
	BNE	done // a child that has our memory until its execve
	CMP	$HOLD, R9
	BNE	noted
	CMPW	$SI_TKILL, R10
	BNE	noted
	MOVD	·holding(SB), R3
	MOVD	UC_SIGMASK(R2), R4
	ORR	R3, R4, R4
	MOVD	R4, UC_SIGMASK(R2)
	MOVD	$·held(SB), R3

count:
	LDAXR	(R3), R4
	ADD	$1, R4, R4
	STLXR	R4, (R3), R5
	CBNZ	R5, count
	RET

noted: // unless it comes of what we did: a broken pipe, a terminal that is not ours
	CMP	$SIGPIPE, R9
	BEQ	pipe
	CMP	$SIGTTIN, R9
	BEQ	terminal
	CMP	$SIGTTOU, R9
	BEQ	terminal

note:
	MOVD	·holding(SB), R3
	SUB	$1, R9, R4
	LSR	R4, R3, R4
	TBZ	$0, R4, keep
	MOVD	UC_SIGMASK(R2), R4 // a thread that nobody has told: it is put back, and waits
	ORR	R3, R4, R4
	MOVD	R4, UC_SIGMASK(R2)
	MOVD	·owner(SB), R0
	MOVD	R9, R1
	MOVD	$SYS_kill, R8
	SVC
	RET

keep:
	SUB	$16, RSP
	MOVD	·noted(SB), R3
	CBNZ	R3, set
	MOVD	$1, R0 // CLOCK_MONOTONIC
	MOVD	RSP, R1
	MOVD	$SYS_clock, R8
	SVC
	MOVD	0(RSP), R3
	MOVD	R3, ·since+0(SB)
	MOVD	8(RSP), R3
	MOVD	R3, ·since+8(SB)

set:
	SUB	$1, R9, R9
	MOVD	$1, R10
	LSL	R9, R10, R10
	MOVD	$·noted(SB), R3

again:
	LDAXR	(R3), R4
	ORR	R10, R4, R4
	STLXR	R4, (R3), R5
	CBNZ	R5, again
	MOVD	$1, R9
	MOVD	R9, 0(RSP)
	MOVD	·wakeFD(SB), R0
	MOVD	RSP, R1
	MOVD	$8, R2
	MOVD	$SYS_write, R8
	SVC
	ADD	$16, RSP
done:
	RET

pipe:
	MOVWU	SI_PID(R1), R3
	MOVD	·owner(SB), R4
	CMP	R3, R4
	BNE	note
	RET

terminal:
	CMPW	$0, R10
	BLE	note
	RET

// func unhook()
TEXT ·unhook(SB), NOSPLIT, $0
	MOVD	ZR, _cgo_sigaction(SB)
	RET
