#include "textflag.h"

#define SYS_rt_sigaction 13
#define SYS_rt_sigreturn 15
#define SA_RESTORER 0x04000000
#define SA_ONSTACK  0x08000000

// The kernel's struct sigaction: handler, flags, restorer, mask; eight bytes each.
// DX and SP are as the runtime's entry wants to find them.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ	DX, R12
	SUBQ	$32, SP
	LEAQ	·note(SB), AX
	MOVQ	AX, 0(SP)
	MOVQ	$(SA_RESTORER|SA_ONSTACK), AX
	MOVQ	AX, 8(SP)
	LEAQ	·restore(SB), AX
	MOVQ	AX, 16(SP)
	MOVQ	$0, 24(SP)
	ORQ	$1, ·noted(SB) // we are here
	MOVQ	$1, R13

next: // HUP, INT, QUIT, then TERM
	MOVQ	R13, DI
	MOVQ	SP, SI
	MOVQ	$0, DX
	MOVQ	$8, R10
	MOVQ	$SYS_rt_sigaction, AX
	SYSCALL
	CMPQ	R13, $15
	JEQ	done
	INCQ	R13
	CMPQ	R13, $3
	JLE	next
	MOVQ	$15, R13
	JMP	next

done:
	ADDQ	$32, SP
	CALL	·room(SB)
	MOVQ	R12, DX
	JMP	_rt0_amd64_linux(SB)

// DI is the number of the signal.
TEXT ·note(SB), NOSPLIT|NOFRAME, $0
	MOVQ	DI, CX
	MOVQ	$1, AX
	SHLQ	CX, AX
	LOCK
	ORQ	AX, ·noted(SB)
	RET

TEXT ·restore(SB), NOSPLIT|NOFRAME, $0
	MOVQ	$SYS_rt_sigreturn, AX
	SYSCALL
	INT	$3
