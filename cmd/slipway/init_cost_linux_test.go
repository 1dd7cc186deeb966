package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// TestInitCost: before its first line, PID 1 makes next to nothing of our own. Tables are data of
// the executable: made when the process begins, those of the options were 86 KiB and a
// quarter of a millisecond, of every container.
func TestInitCost(t *testing.T) {
	const most = 12 << 10 // bytes
	cmd := exec.Command(testkit.Binaries(t).Init, "--version")
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	line := regexp.MustCompile(`^init (slipway/\S+) .* (\d+) bytes`)
	sum := 0
	var list []string
	for l := range strings.Lines(string(out)) {
		if m := line.FindStringSubmatch(l); m != nil {
			n, _ := strconv.Atoi(m[2])
			sum += n
			list = append(list, strings.TrimSpace(l))
		}
	}
	if len(list) == 0 {
		t.Fatalf("the runtime traces nothing:\n%s", out)
	}
	if sum > most {
		t.Errorf("our packages allocate %d bytes when the process begins, want at most %d:\n%s", sum, most, strings.Join(list, "\n"))
	}
}
