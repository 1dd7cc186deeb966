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

// func bssEnd() unsafe.Pointer
TEXT ·bssEnd(SB), NOSPLIT|NOFRAME, $0-8
	MOVD	$runtime·enoptrbss(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// func systemCall(nr, a, b, c, d, e, f uintptr) int
TEXT ·systemCall(SB), NOSPLIT|NOFRAME, $0-64
	MOVD	nr+0(FP), R8
	MOVD	a+8(FP), R0
	MOVD	b+16(FP), R1
	MOVD	c+24(FP), R2
	MOVD	d+32(FP), R3
	MOVD	e+40(FP), R4
	MOVD	f+48(FP), R5
	SVC
	MOVD	R0, ret+56(FP)
	RET

// func codeEnd() unsafe.Pointer
TEXT ·codeEnd(SB), NOSPLIT|NOFRAME, $0-8
	MOVD	$·codeEnd-1(SB), R0 // the end of systemCall, which may lie across two pages
	MOVD	R0, ret+0(FP)
	RET

// func textStart() unsafe.Pointer
TEXT ·textStart(SB), NOSPLIT|NOFRAME, $0-8
	MOVD	$runtime·text(SB), R0
	MOVD	R0, ret+0(FP)
	RET
