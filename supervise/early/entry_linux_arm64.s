#include "textflag.h"

#define SYS_rt_sigaction 134
#define SA_ONSTACK 0x08000000

// The kernel's struct sigaction: handler, flags, restorer, mask; eight bytes each. It
// returns from the handler by itself, so there is no restorer. SP is as the runtime's
// entry wants to find it.
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	SUB	$32, RSP
	MOVD	$·note(SB), R9
	MOVD	R9, 0(RSP)
	MOVD	$SA_ONSTACK, R9
	MOVD	R9, 8(RSP)
	MOVD	ZR, 16(RSP)
	MOVD	ZR, 24(RSP)
	MOVD	$·noted(SB), R10
	MOVD	(R10), R9
	ORR	$1, R9, R9 // we are here
	MOVD	R9, (R10)
	MOVD	$1, R11

next: // HUP, INT, QUIT, then TERM
	MOVD	R11, R0
	MOVD	RSP, R1
	MOVD	$0, R2
	MOVD	$8, R3
	MOVD	$SYS_rt_sigaction, R8
	SVC
	CMP	$15, R11
	BEQ	done
	ADD	$1, R11, R11
	CMP	$3, R11
	BLE	next
	MOVD	$15, R11
	B	next

done:
	ADD	$32, RSP
	BL	·room(SB)
	B	_rt0_arm64_linux(SB)

// R0 is the number of the signal.
TEXT ·note(SB), NOSPLIT|NOFRAME, $0
	MOVD	$1, R1
	LSL	R0, R1, R1
	MOVD	$·noted(SB), R2

again:
	LDAXR	(R2), R3
	ORR	R1, R3, R3
	STLXR	R3, (R2), R4
	CBNZ	R4, again
	RET
