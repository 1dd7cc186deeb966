#include "textflag.h"

#define MEMORY 2048 // at least holderMemory

TEXT ·asHolder(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD	RSP, R0
	MOVD	ZR, g
	AND	$~4095, R0, R1 // below the page of the arguments, which is given back
	SUB	$MEMORY, R1, R1
	MOVD	R1, RSP
	MOVD	$(MEMORY/8), R2
	MOVD	R1, R3

zero:
	MOVD	ZR, (R3)
	ADD	$8, R3
	SUB	$1, R2
	CBNZ	R2, zero
	SUB	$32, RSP
	MOVD	R0, 8(RSP)
	MOVD	R1, 16(RSP)
	BL	·beHolder(SB)
	BRK

// func bssStart() unsafe.Pointer
TEXT ·bssStart(SB), NOSPLIT|NOFRAME, $0-8
	MOVD	$runtime·bss(SB), R0
	MOVD	R0, ret+0(FP)
	RET
