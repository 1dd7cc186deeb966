package ctl_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/supervisor/ctl"
	"slipway/internal/supervisor/serve/servetest"
	"slipway/supervise/control"
)

// asCtl makes the test binary be supervisorctl, for a run on a terminal.
const asCtl = "SLIPWAY_TEST_AS_SUPERVISORCTL"

func TestMain(m *testing.M) {
	if os.Getenv(asCtl) != "" {
		os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// terminal is a pseudo terminal with supervisorctl on it.
type terminal struct {
	t    *testing.T
	ours *os.File
	text chan string
	seen string
	cmd  *exec.Cmd
}

func onTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	fd := int(ours.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		// Without a width nobody takes it for a terminal.
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.Env = append(os.Environ(), asCtl+"=1", "TERM=xterm")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, unless the test failed
	term := &terminal{t: t, ours: ours, text: make(chan string, 1000), cmd: cmd}
	go func() { // ends with the terminal
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			if err != nil {
				close(term.text)
				return
			}
			term.text <- string(buf[:n])
		}
	}()
	return term
}

// expect waits until the terminal shows a text, and forgets what came before.
func (term *terminal) expect(want string) {
	term.t.Helper()
	deadline := time.After(time.Minute)
	for !strings.Contains(term.seen, want) {
		select {
		case text, ok := <-term.text:
			if !ok {
				term.t.Fatalf("the terminal ended with %q, want %q", term.seen, want)
			}
			term.seen += text
		case <-deadline:
			term.t.Fatalf("the terminal shows %q, want %q", term.seen, want)
		}
	}
	term.seen = term.seen[strings.Index(term.seen, want)+len(want):]
}

func (term *terminal) press(keys string) {
	term.t.Helper()
	if _, err := term.ours.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

func TestShellOnATerminal(t *testing.T) {
	f := servetest.Start(t, servetest.Programs(t.TempDir()), 0)
	history := filepath.Join(t.TempDir(), "history")
	term := onTerminal(t, "-s", f.URL(), "-r", history)
	term.expect("web")
	term.expect("supervisor> ")
	term.press("stat\tclo\t") // completes the command, then a name
	term.expect("supervisor> status closed ")
	term.press("\r")
	term.expect("RUNNING")
	term.expect("supervisor> ")
	term.press("fg web\r")
	term.expect("out of web")
	term.press("to the program\n")
	deadline := time.Now().Add(time.Minute)
	for f.Model.Stdin("web") != "to the program\n" {
		if time.Now().After(deadline) {
			t.Fatalf("the program got %q", f.Model.Stdin("web"))
		}
		time.Sleep(10 * time.Millisecond) // between polls
	}
	term.press("\x03") // leaves fg, not the shell
	term.expect("Exiting foreground")
	term.expect("supervisor> ")
	term.press("pid web\r") // and fg has not swallowed this line
	term.expect("4000")
	term.expect("supervisor> ")
	term.press("shutdown\r")
	term.expect("y/N? ")
	term.press("n\r")
	term.expect("supervisor> ")
	term.press("\x03")
	if err := term.cmd.Wait(); err != nil {
		t.Errorf("the shell ended with %v, want status 0", err)
	}
	if n := f.Model.Asked(control.OpShutdown); n != 0 {
		t.Errorf("%d shutdowns were asked for", n)
	}
	lines, err := os.ReadFile(history)
	if err != nil || !strings.Contains(string(lines), "status closed") || !strings.Contains(string(lines), "fg web\npid web\n") {
		t.Errorf("history %q, %v", lines, err)
	}
	if st, err := os.Stat(history); err == nil && st.Mode().Perm() != 0o600 {
		t.Errorf("history has mode %v, want 0600", st.Mode())
	}
}
