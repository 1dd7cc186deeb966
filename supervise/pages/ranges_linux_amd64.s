#include "textflag.h"

// The names are the linker's.

// func ranges() (code, constants span)
TEXT ·ranges(SB), NOSPLIT, $0-32
	MOVQ	$runtime·text(SB), AX
	MOVQ	AX, code_from+0(FP)
	MOVQ	$runtime·etext(SB), AX
	MOVQ	AX, code_to+8(FP)
	MOVQ	$runtime·rodata(SB), AX
	MOVQ	AX, constants_from+16(FP)
	MOVQ	$runtime·epclntab(SB), AX
	MOVQ	AX, constants_to+24(FP)
	RET
