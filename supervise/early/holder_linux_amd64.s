#include "textflag.h"

#define SYS_arch_prctl 158
#define ARCH_SET_FS    0x1002
#define MEMORY         2048 // at least holderMemory

// Calls between Go and assembly load the register of the goroutine from the thread's local
// memory, eight bytes below FS, where there is zero.
DATA ·nothing+0(SB)/8, $0
DATA ·nothing+8(SB)/8, $0
GLOBL ·nothing(SB), NOPTR, $16

TEXT ·asHolder(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVQ	SP, R12
	MOVQ	$ARCH_SET_FS, DI
	LEAQ	·nothing+8(SB), SI
	MOVQ	$SYS_arch_prctl, AX
	SYSCALL
	PXOR	X15, X15
	XORQ	R14, R14
	ANDQ	$~4095, SP // below the page of the arguments, which is given back
	SUBQ	$MEMORY, SP
	MOVQ	SP, R13
	MOVQ	SP, DI
	MOVQ	$(MEMORY/8), CX
	XORL	AX, AX
	CLD
	REP
	STOSQ
	SUBQ	$16, SP
	MOVQ	R12, 0(SP)
	MOVQ	R13, 8(SP)
	CALL	·beHolder(SB)
	INT	$3

// func bssStart() unsafe.Pointer
TEXT ·bssStart(SB), NOSPLIT|NOFRAME, $0-8
	LEAQ	runtime·bss(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
