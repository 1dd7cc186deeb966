package pid1

import (
	"os"
	"strings"
	"testing"
)

func TestTold(t *testing.T) {
	for _, word := range []string{"-h", "--help", "help"} {
		if got := told([]string{"slipway-init", word}); !strings.Contains(got, "\nEXIT STATUS\n") {
			t.Errorf("told(%s) = %q, want help", word, got)
		}
	}
	for _, word := range []string{"-v", "--version", "version"} {
		if got := told([]string{"slipway-init", word}); !strings.HasPrefix(got, "slipway-init ") || strings.Count(got, "\n") != 1 {
			t.Errorf("told(%s) = %q, want one line", word, got)
		}
	}
	for _, args := range [][]string{{"slipway-init"}, {"slipway-init", "run"}, {"slipway-init", "run", "--help"}} {
		if got := told(args); got != "" {
			t.Errorf("told(%q) = %q, want nothing", args, got)
		}
	}
}

func TestVersionIn(t *testing.T) {
	blob := func(info string) []byte {
		b := append([]byte("ELF\xff Go buildinf:"), 8, 2)
		b = append(b, make([]byte, 16)...)
		b = append(append(b, 2), "go"...)
		return append(append(b, byte(len(info))), info...)
	}
	for _, tt := range []struct{ name, info, want string }{
		{"release", "path\tx\nmod\tslipway\tv1.2.3\t\nbuild\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2026-11-29T00:49:12Z\n", "slipway-init v1.2.3 (0123456789ab, 2026-11-29)"},
		{"work tree", "path\tx\nmod\tslipway\t(devel)\t\n", "slipway-init devel"},
		{"something else", "path\tx\nmod\tother\tv9\t\n", "slipway-init devel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := versionIn(blob(tt.info)); got != tt.want {
				t.Errorf("versionIn = %q, want %q", got, tt.want)
			}
		})
	}
	for i := range blob("x") { // an executable that was cut off
		if got := versionIn(blob("x")[:i]); got != "slipway-init devel" {
			t.Errorf("versionIn of the first %d bytes = %q", i, got)
		}
	}
}

// The format is the Go tool's; a real executable shows that it still is.
func TestBuildInfoOfThisTest(t *testing.T) {
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	if got := buildInfo(exe); !strings.Contains(got, "path\tslipway/supervise/pid1") {
		t.Errorf("buildInfo of this executable = %q, want its path", got)
	}
}
