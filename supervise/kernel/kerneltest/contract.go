package kerneltest

import (
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/kernel"
)

// Bench is a System and what a test of it needs around it.
type Bench struct {
	System
	// Command returns what plays scripts.
	Command func(scripts ...string) *kernel.Command
	// Dir is an empty directory.
	Dir string
	// Dial connects somebody to a socket of ours: a path, "@name" or "host:port".
	Dial func(address string) (io.ReadWriteCloser, error)
	// Files returns the content of the files that came with what was read last.
	Files func(conn io.ReadWriteCloser) []string
	// Link makes a symbolic link.
	Link func(name, target string)
	// Signal sends a signal to ourselves.
	Signal func(sig syscall.Signal)
	// Port returns a port that nobody has.
	Port func() int
	// UID is the user that we are.
	UID int
}

// Contract tests what the supervisor relies on. run calls its argument with a bench that
// has no children, no signals and nothing that is watched; the simulated machine and Linux
// pass the same tests.
func Contract(t *testing.T, run func(t *testing.T, test func(*testing.T, *Bench))) {
	for _, list := range [][]claim{processClaims, groupClaims, pollClaims, pipeClaims, socketClaims, fileClaims} {
		for _, c := range list {
			t.Run(c.name, func(t *testing.T) {
				run(t, func(t *testing.T, b *Bench) { c.test(&bench{Bench: b, t: t}) })
			})
		}
	}
}

// HolderContract tests what the supervisor relies on of holders.
func HolderContract(t *testing.T, run func(t *testing.T, test func(*testing.T, *Bench))) {
	for _, c := range holderClaims {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(t *testing.T, b *Bench) { c.test(&bench{Bench: b, t: t}) })
		})
	}
}

// claim is one thing that holds on every System.
type claim struct {
	name string
	test func(b *bench)
}

// bench is a Bench with the words that the tests are written in.
type bench struct {
	*Bench
	t       *testing.T
	child   bool // a SIGCHLD has come
	other   []syscall.Signal
	pending map[int]string // read from a descriptor, and not yet asked for
}

// patience is how long anything may take on a busy machine.
const patience = 2 * time.Minute

// until waits until something is so.
func (b *bench) until(what string, is func() bool) {
	b.t.Helper()
	end := b.Now().Add(patience)
	for !is() {
		if b.Now().After(end) {
			b.t.Fatalf("it is not so after %v: %s", patience, what)
		}
		b.Wait(nil, 2*time.Millisecond)
		b.take()
	}
}

// take notes the signals that have come.
func (b *bench) take() {
	s := b.Signals()
	b.child = b.child || s.Child
	b.other = append(b.other, s.Other...)
}

// must fails the test for an error.
func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("unexpected error: %v", err)
	}
}

// is compares an error with the expected one.
func (b *bench) is(what string, got, want error) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

// equal compares two values.
func equal[T comparable](b *bench, what string, got, want T) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// play starts a process whose output is the pipe that it returns.
func (b *bench) play(scripts ...string) (pid, out int) {
	b.t.Helper()
	r, w, err := b.OutputPipe()
	b.must(err)
	null, err := b.Null()
	b.must(err)
	c := b.Command(scripts...)
	c.Files = []int{null, w, w}
	pid, err = b.Spawn(c)
	b.must(err)
	b.must(b.Close(w))
	b.must(b.Close(null))
	return pid, r
}

// line returns the next line from a descriptor that does not block.
func (b *bench) line(fd int) string {
	b.t.Helper()
	if b.pending == nil {
		b.pending = map[int]string{}
	}
	buf := make([]byte, 4096)
	b.until("a line is there", func() bool {
		if strings.Contains(b.pending[fd], "\n") {
			return true
		}
		n, err := b.Read(fd, buf)
		if err == io.EOF {
			b.t.Fatalf("unexpected end of descriptor %d after %q", fd, b.pending[fd])
		}
		b.pending[fd] += string(buf[:n])
		return false
	})
	line, rest, _ := strings.Cut(b.pending[fd], "\n")
	b.pending[fd] = rest
	return line
}

// all reads a descriptor that does not block until its end.
func (b *bench) all(fd int) string {
	b.t.Helper()
	text := b.pending[fd]
	buf := make([]byte, 64<<10)
	b.until("the end is there", func() bool {
		for {
			n, err := b.Read(fd, buf)
			text += string(buf[:n])
			if err != nil {
				return err == io.EOF
			}
		}
	})
	return text
}

// dead waits until a process has died, and reaps it.
func (b *bench) dead(pid int) kernel.Exit {
	b.t.Helper()
	b.zombie(pid)
	exit, err := b.Reap(pid)
	b.must(err)
	return exit
}

// zombie waits until a process is the one that Peek returns.
func (b *bench) zombie(pid int) {
	b.t.Helper()
	b.until("the process has died", func() bool {
		got, err := b.Peek()
		b.must(err)
		if got != 0 && got != pid {
			b.t.Fatalf("process %d has died, want %d", got, pid)
		}
		return got == pid
	})
}

// waits insists that Wait takes the whole time. A signal that Go's runtime sends to itself may
// end it too early, but not each time.
func (b *bench) waits(what string, d time.Duration) {
	b.t.Helper()
	var took time.Duration
	for range 20 {
		began := b.Now()
		if got := b.Wait(nil, d); len(got) > 0 {
			b.t.Errorf("ready: %v, want nothing", got)
		}
		if took = b.Now().Sub(began); took >= d {
			return
		}
	}
	b.t.Errorf("%s of %v ended after %v, and too early 20 times", what, d, took)
}

// kill sends a signal that must arrive.
func (b *bench) kill(pid int, sig syscall.Signal) {
	b.t.Helper()
	b.must(b.Kill(pid, sig))
}

// path returns a name in the bench's directory.
func (b *bench) path(name string) string { return filepath.Join(b.Dir, name) }

// ready returns what a descriptor is ready for, after one look of Wait.
func (b *bench) ready(fd int) kernel.Mode {
	for _, r := range b.Wait(make([]kernel.Ready, 0, 64), 0) {
		if r.FD == fd {
			return r.Mode
		}
	}
	return 0
}

// becomes waits until a watched descriptor is ready for exactly this.
func (b *bench) becomes(fd int, want kernel.Mode) {
	b.t.Helper()
	var got kernel.Mode
	end := b.Now().Add(patience)
	for b.Now().Before(end) {
		if got = b.ready(fd); got == want {
			return
		}
		b.Wait(nil, time.Millisecond)
	}
	b.t.Fatalf("descriptor %d is ready for %03b, want %03b", fd, got, want)
}
