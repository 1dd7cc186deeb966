package pages

import (
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestWhole(t *testing.T) {
	const k = 4 << 10
	for _, tt := range []struct {
		name            string
		code, constants span
		want            []span
	}{
		{"pages", span{k, 3 * k}, span{4 * k, 5 * k}, []span{{k, 3 * k}, {4 * k, 5 * k}}},
		{"parts of pages stay", span{k + 1, 3*k - 1}, span{4*k - 1, 6*k + 1}, []span{{2 * k, 2 * k}, {4 * k, 6 * k}}},
		{"less than a page", span{k + 1, k + 9}, span{k + 9, k + 10}, []span{{2 * k, 2 * k}, {2 * k, 2 * k}}},
		{"relocated constants stay", span{1<<32 + k, 1<<32 + 2*k}, span{1<<32 + 2*k, 1<<32 + 3*k}, []span{{1<<32 + k, 1<<32 + 2*k}}},
		{"in an order that we do not know", span{3 * k, 2 * k}, span{}, []span{{3 * k, 3 * k}, {}}},
		{"not known", span{}, span{}, []span{{}, {}}},
	} {
		if got := whole(tt.code, tt.constants, k); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// resident is how much of the executable's code is mapped, in KiB.
func resident(t *testing.T) (kib int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	code := false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case strings.Contains(f[0], "-"):
			code = len(f) > 5 && f[1] == "r-xp" && strings.HasPrefix(f[5], "/")
		case code && f[0] == "Rss:":
			n, _ := strconv.Atoi(f[1])
			kib += n
		}
	}
	return kib
}

// TestGiveBack: what was given back is gone, and there again when it is used.
func TestGiveBack(t *testing.T) {
	if code, _ := ranges(); code.from == 0 {
		t.Skip("where the code is is known on amd64 and arm64")
	}
	before := resident(t)
	GiveBack()
	after := resident(t)
	if after >= before {
		t.Errorf("%d KiB of code before, %d after", before, after)
	}
	TestWhole(t)
}
