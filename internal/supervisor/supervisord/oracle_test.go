package supervisord_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"slipway/internal/supervisor/supervisord"
	"slipway/internal/test/testkit"
)

// original asks the option parser of Debian's supervisor for its answer to every
// command line, in one process: a list of what it wrote to stderr.
const original = `
import io, json, sys
from supervisor.options import ServerOptions
answers = []
for line in json.load(sys.stdin):
    o = ServerOptions()
    o.stderr = io.StringIO()
    try:
        o.realize(line, progname="supervisord")
    except SystemExit:
        pass
    answers.append(o.stderr.getvalue())
json.dump(answers, sys.stdout)
`

// The same mistakes, made with Debian's supervisord.
func TestRefusalsAreTheOriginals(t *testing.T) {
	testkit.Need(t, testkit.Supervisor, testkit.Python)
	lines := []string{
		"x", "-n a b", "-n -n", "-c x --configuration=y", "--bogus", "-x", "-nx", "--logfile_=1", "--logfile", "-c",
		"--nodaemon=yes", "-z x", "-z 1.5", "-y big", "-y 10kbmb", "-m 9", "-e loud", "-d /nonexistent", "-l /nonexistent/x", "it's", "-h x", "-a x",
	}
	words := make([][]string, len(lines))
	for i, l := range lines {
		words[i] = strings.Fields(l)
	}
	in, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-W", "ignore", "-c", original)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot ask the original: %v", err)
	}
	var answers []string
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		t.Run(line, func(t *testing.T) {
			_, err := supervisord.Parse(words[i])
			if err == nil {
				t.Fatalf("Parse(%q) found no mistake; the original: %s", line, answers[i])
			}
			if want := "Error: " + err.Error() + "\n"; !strings.Contains(answers[i], want) {
				t.Errorf("ours: %sthe original's: %s", want, answers[i])
			}
		})
	}
}
