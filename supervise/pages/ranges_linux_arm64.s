#include "textflag.h"

// The names are the linker's.

// func ranges() (code, constants span)
TEXT ·ranges(SB), NOSPLIT, $0-32
	MOVD	$runtime·text(SB), R0
	MOVD	R0, code_from+0(FP)
	MOVD	$runtime·etext(SB), R0
	MOVD	R0, code_to+8(FP)
	MOVD	$runtime·rodata(SB), R0
	MOVD	R0, constants_from+16(FP)
	MOVD	$runtime·epclntab(SB), R0
	MOVD	R0, constants_to+24(FP)
	RET
