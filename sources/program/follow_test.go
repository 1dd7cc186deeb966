package program

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// journal is where a follower of a test writes its lines.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// times is how often a text is in it.
func (j *journal) times(text string) int { return strings.Count(j.String(), text) }

// follow follows a program of these lines of shell until the test ends.
func follow(t *testing.T, code string) (*Follower, *journal) {
	t.Helper()
	j := &journal{}
	f := &Follower{Program: script(t, code), Log: slog.New(slog.NewTextHandler(j, nil))}
	run(t, f)
	return f, j
}

func run(t *testing.T, f *Follower) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }() // ends with cancel; the cleanup waits
	t.Cleanup(func() { cancel(); <-done })
}

// eventually waits until the content is of a revision and the log has lines.
func eventually(t *testing.T, f *Follower, j *journal, want int64, lines ...string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, fmt.Sprintf("revision %d and %q", want, lines), func() error {
		u, ok, err := f.Held()
		if !ok || err != nil || u.Revision != want {
			return fmt.Errorf("revision %d, %t, %v; the log is %s", u.Revision, ok, err, j)
		}
		for _, line := range lines {
			if !strings.Contains(j.String(), line) {
				return fmt.Errorf("the log is %s", j)
			}
		}
		return nil
	})
}

func TestFollowerGoesOn(t *testing.T) {
	dir := t.TempDir()
	// The first run tells of two revisions and dies, the second knows a third.
	f, j := follow(t, `
echo slipway-source 1
if [ ! -e `+dir+`/died ]; then
	touch `+dir+`/died
	printf 'snapshot 1\nvar A one\nend 1\nchange 2\nvar A two\nend 2\n'
	exit 69
fi
printf 'snapshot 3\nvar A three\nend 3\n'
cat >/dev/null`)
	eventually(t, f, j, 3, "lost contact to test, what was read stays in force", "contact to test is back")
	if n := f.Version(); n != 3 {
		t.Errorf("the content has changed %d times, want 3", n)
	}
	c := f.Condition()
	if c.Connected.IsZero() || !c.Lost.IsZero() || c.Cause != "" || c.Wanted != 3 || c.Contact.IsZero() {
		t.Errorf("condition = %+v, want contact and revision 3", c)
	}
}

func TestFollowerSaysWhatHasHappened(t *testing.T) {
	for _, row := range []struct {
		name, code string
		revision   int64
		version    int
		lines      []string
	}{
		{"contact is lost and back", `printf 'snapshot 1\nend 1\nstale no leader\nstale no leader at all\nfresh\nprogress 9\n'`, 9, 1, []string{"cause=\"no leader\"", "contact to test is back"}},
		{"the history goes back", `printf 'snapshot 7\nvar A 1\nend 7\nsnapshot 5\nvar A 2\nend 5\n'`, 5, 2, []string{"history of test was replaced", "revision=5 former=7"}},
		{"the store is another one", `printf 'snapshot 7\nstore a\nend 7\nsnapshot 9\nstore b\nend 9\n'`, 9, 1, []string{"history of test was replaced", "store=b former_store=a"}},
		{"the same once more", `printf 'snapshot 7\nvar A 1\nend 7\nsnapshot 8\nvar A 1\nend 8\nnote hello\n'`, 8, 1, []string{"test: hello"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, j := follow(t, "echo slipway-source 1\n"+row.code+"\ncat >/dev/null")
			eventually(t, f, j, row.revision, row.lines...)
			if n := f.Version(); n != row.version {
				t.Errorf("the content has changed %d times, want %d", n, row.version)
			}
			if n := strings.Count(j.String(), "lost contact"); n > 1 {
				t.Errorf("it is said %d times that contact is lost", n)
			}
		})
	}
}

// One that cannot be read at first is told of, and is tried again.
func TestFollowerBeginsLate(t *testing.T) {
	dir := t.TempDir()
	f, j := follow(t, `
echo slipway-source 1
if [ ! -e `+dir+`/tried ]; then
	touch `+dir+`/tried
	echo error unavailable connection refused
	exit 69
fi
printf 'snapshot 3\nend 3\n'
cat >/dev/null`)
	testkit.Eventually(t, testkit.Patience, "the failure", func() error {
		if _, ok, err := f.Held(); !ok || err == nil || !strings.Contains(err.Error(), "connection refused") {
			if u, _, _ := f.Held(); u.Revision != 3 { // it is quick
				return fmt.Errorf("%t, %v", ok, err)
			}
		}
		return nil
	})
	eventually(t, f, j, 3, "no contact to test yet", "connection refused")
}

// A watch may go on for longer than one answer may be long.
func TestLimitIsThatOfAnUpdate(t *testing.T) {
	p := script(t, `echo slipway-source 1
i=1
printf 'snapshot 1\nvar A 0123456789\nend 1\n'
while [ $i -lt 100 ]; do i=$((i + 1)); printf 'change %d\nvar A 0123456789\nend %d\n' $i $i; done`)
	p.Limit = 500
	var last protocol.Update
	if err := p.Watch(context.Background(), func(u protocol.Update) error { last = u; return nil }); err != nil || last.Revision != 100 {
		t.Errorf("Watch = %v at revision %d, want 100", err, last.Revision)
	}
}

// A program that waits for the end of its request cannot watch. It is read as it always was.
func TestFollowerOfOneThatCannotWatch(t *testing.T) {
	j := &journal{}
	f := &Follower{Program: script(t, "cat >/dev/null\nprintf 'slipway-source 1\\nsnapshot 3\\nend 3\\n'"), Log: slog.New(slog.NewTextHandler(j, nil)), Foreign: true, Patience: 300 * time.Millisecond}
	run(t, f)
	eventually(t, f, j, 3, "test cannot watch its store, so it is read once a minute")
	if f.Condition().Connected.IsZero() || strings.Contains(j.String(), "lost") {
		t.Errorf("condition %+v, and the log is %s", f.Condition(), j)
	}
}

// One that can is watched, after it was read.
func TestFollowerOfAForeignOneThatWatches(t *testing.T) {
	j := &journal{}
	f := &Follower{Program: script(t, `echo slipway-source 1
while read -r line; do case $line in
get) printf 'snapshot 3\nend 3\n'; exit 0 ;;
watch) printf 'snapshot 4\nend 4\n'; cat >/dev/null; exit 0 ;;
esac; done`), Log: slog.New(slog.NewTextHandler(j, nil)), Foreign: true}
	run(t, f)
	eventually(t, f, j, 4)
}

// Values that come one by one are not kept without end either.
func TestFollowerOfOneThatGrows(t *testing.T) {
	j := &journal{}
	p := script(t, `echo slipway-source 1
i=1
printf 'snapshot 1\nend 1\n'
while [ $i -lt 100 ]; do i=$((i + 1)); printf 'change %d\nvar A%d 0123456789\nend %d\n' $i $i $i; done
exec cat >/dev/null`)
	p.Limit = 4000
	f := &Follower{Program: p, Log: slog.New(slog.NewTextHandler(j, nil))}
	run(t, f)
	testkit.Eventually(t, testkit.Patience, "the end of the watch", func() error {
		if cause := f.Condition().Cause; !strings.Contains(cause, "it has told of more than") {
			return fmt.Errorf("the cause is %q", cause)
		}
		return nil
	})
	if u, _, _ := f.Held(); len(u.Vars) > 50 {
		t.Errorf("%d values are kept", len(u.Vars))
	}
}

// A program that floods is ended, and the message says why, whatever it floods with.
func TestFloodsAreEnded(t *testing.T) {
	for name, code := range map[string]string{
		"notes":          "exec yes note look here",
		"progress":       "printf 'snapshot 1\nend 1\n'; exec yes progress 1",
		"standard error": "exec 3>&1; exec yes something is wrong >&2",
	} {
		t.Run(name, func(t *testing.T) {
			notes := 0
			p := script(t, hello+code)
			p.Limit, p.Note = 1<<20, func(string) { notes++ }
			ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
			defer cancel()
			err := p.Watch(ctx, func(protocol.Update) error { return nil })
			if want := "cannot read source test: the program writes without end, and is not read any more"; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error = %v, want %s", err, want)
			}
			if notes > 100 {
				t.Errorf("%d notes were handed on", notes)
			}
		})
	}
}
