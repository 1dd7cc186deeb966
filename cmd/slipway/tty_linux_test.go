package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// terminal is a pseudo terminal of a test, and what was printed there.
type terminal struct {
	t     *testing.T
	ours  *os.File
	mu    sync.Mutex
	shown bytes.Buffer
}

// newTerminal makes a terminal, and gives the end for the programs.
func newTerminal(t *testing.T) (*terminal, *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &terminal{t: t, ours: ours}
	read := make(chan struct{})
	go func() { // ends with the last process that has the terminal, or with ours; the cleanup waits for it
		defer close(read)
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			p.mu.Lock()
			p.shown.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		ours.Close()
		<-read
	})
	return p, theirs
}

// text is what was printed so far.
func (p *terminal) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

// shows waits for a text that comes n times.
func (p *terminal) shows(text string, n int) {
	p.t.Helper()
	testkit.Eventually(p.t, testkit.Patience, fmt.Sprintf("%q on the terminal %d times", text, n), func() error {
		if got := p.text(); strings.Count(got, text) < n {
			return fmt.Errorf("it shows\n%s", got)
		}
		return nil
	})
}

// types types on the keyboard.
func (p *terminal) types(keys string) {
	p.t.Helper()
	if _, err := p.ours.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// One program has the terminal: what is typed, Ctrl-C and the window's size are for it, also after
// a restart, and for no other.
func TestExampleOfTerminal(t *testing.T) {
	c := example(t)
	c.script("app/console", `trap 'echo app: INT' INT
trap 'echo app: WINCH' WINCH
trap 'exit 0' TERM
test -t 0 && test -t 1 && test -t 2 && echo app: on a terminal
while :; do
	read -r line && echo "app: read $line"
	sleep 0.02
done`)
	c.script("app/serve", "trap 'echo INT >>DIR/wrong' INT; test -t 0 && echo terminal >>DIR/wrong; "+forever)
	p, theirs := newTerminal(t)
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = theirs, theirs, theirs
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	c.launch()
	theirs.Close()
	for round := range 2 {
		p.shows("app: on a terminal", round+1)
		c.until("has the terminal", "status", "console")
		p.types("hello\n")
		p.shows("app: read hello", round+1)
		p.types("\x03")
		p.shows("app: INT", round+1)
		if err := unix.IoctlSetWinsize(int(p.ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(60 + round)}); err != nil {
			t.Fatal(err)
		}
		p.shows("app: WINCH", round+1)
		if round == 0 {
			c.until("", "restart", "console")
		}
	}
	if text, err := os.ReadFile(c.dir + "/wrong"); err == nil {
		t.Errorf("the other program has got %q", text)
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s\n%s", status, out, p.text())
	}
}

// Without a terminal the program is started all the same, which is said.
func TestNoTerminal(t *testing.T) {
	c := exampleOf(t, "TestExampleOfTerminal")
	c.script("app/console", "test -t 0 || echo none >DIR/console; "+forever)
	c.script("app/serve", forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("has no terminal", "status", "console")
	c.until(`"terminal": "none"`, "status", "--output", "json", "console")
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 || !strings.Contains(out, "console has tty = true, and the container has no terminal") {
		t.Errorf("status %d\n%s", status, out)
	}
	if got := c.read("console"); got != "none\n" {
		t.Errorf("it has written %q", got)
	}
}
