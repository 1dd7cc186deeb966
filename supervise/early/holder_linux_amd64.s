#include "textflag.h"

#define SYS_arch_prctl 158
#define ARCH_SET_FS    0x1002
#define MEMORY         2048 // at least holderMemory

TEXT ·asHolder(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ	SP, R12
	ANDQ	$~4095, SP // below the page of the arguments, which is given back
	SUBQ	$MEMORY, SP
	MOVQ	SP, R13
	MOVQ	SP, DI
	MOVQ	$(MEMORY/8), CX
	XORL	AX, AX
	CLD
	REP
	STOSQ
	// Calls between Go and assembly load the register of the goroutine from the thread's
	// local memory, eight bytes below FS, where there is zero: holderMemory.nothing.
	MOVQ	$ARCH_SET_FS, DI
	LEAQ	8(R13), SI
	MOVQ	$SYS_arch_prctl, AX
	SYSCALL
	PXOR	X15, X15
	XORQ	R14, R14
	SUBQ	$16, SP
	MOVQ	R12, 0(SP)
	MOVQ	R13, 8(SP)
	CALL	·beHolder(SB)
	INT	$3

// func bssEnd() unsafe.Pointer
TEXT ·bssEnd(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ	runtime·enoptrbss(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func systemCall(nr, a, b, c, d, e, f uintptr) int
TEXT ·systemCall(SB), NOSPLIT|NOFRAME, $0-64
	MOVQ	nr+0(FP), AX
	MOVQ	a+8(FP), DI
	MOVQ	b+16(FP), SI
	MOVQ	c+24(FP), DX
	MOVQ	d+32(FP), R10
	MOVQ	e+40(FP), R8
	MOVQ	f+48(FP), R9
	SYSCALL
	MOVQ	AX, ret+56(FP)
	RET

// func codeEnd() unsafe.Pointer
TEXT ·codeEnd(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ	·codeEnd-1(SB), AX // the end of systemCall, which may lie across two pages
	MOVQ	AX, ret+0(FP)
	RET

// func textStart() unsafe.Pointer
TEXT ·textStart(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ	runtime·text(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
