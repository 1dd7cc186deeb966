package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// Whatever a seccomp profile refuses of what holders need, programs are started, get their
// attributes, are told to stop, and die with their strays; status says which level is in force,
// and why.
func TestLevelWhereCallsAreRefused(t *testing.T) {
	call := func(numbers ...uint32) (list []testkit.Call) {
		for _, n := range numbers {
			list = append(list, testkit.Call{Number: n})
		}
		return list
	}
	control := func(option uint32) []testkit.Call { return []testkit.Call{{Number: unix.SYS_PRCTL, Argument: option}} }
	for _, tt := range []struct {
		name       string
		errno      syscall.Errno
		calls      []testkit.Call
		level, why string
		bare       bool // not even a process that was to be a holder
	}{
		{"signalfd4", syscall.EPERM, call(unix.SYS_SIGNALFD4), "marks", "signalfd4(2) is refused: EPERM", false},
		{"ppoll", syscall.ENOSYS, call(unix.SYS_PPOLL), "marks", "ppoll(2) is refused: ENOSYS", false},
		{"recvfrom", syscall.EACCES, call(unix.SYS_RECVFROM), "marks", "recvfrom(2) is refused: EACCES", false},
		{"sendto", syscall.EPERM, call(unix.SYS_SENDTO), "marks", "sendto(2) is refused: EPERM", false},
		{"socketpair", syscall.ENOSYS, call(unix.SYS_SOCKETPAIR), "marks", "socketpair(2) is refused: ENOSYS", true},
		{"most of them", syscall.EPERM, call(unix.SYS_SIGNALFD4, unix.SYS_PPOLL, unix.SYS_RECVFROM, unix.SYS_SENDTO, unix.SYS_CLOSE_RANGE, unix.SYS_MADVISE), "marks", "signalfd4(2)", false},
		{"signalfd4, by a kill", testkit.Killed, call(unix.SYS_SIGNALFD4), "marks", "a seccomp profile kills it", true},
		{"whether orphans come", syscall.EPERM, control(unix.PR_GET_CHILD_SUBREAPER), "holder", "", false},
		{"what is looked at with descriptors", syscall.ENOSYS, call(unix.SYS_PIDFD_OPEN), "holder", "", false},
		{"what is signalled by descriptors", syscall.EPERM, call(unix.SYS_PIDFD_SEND_SIGNAL), "holder", "", false},
		{"what is not needed", syscall.EPERM, call(unix.SYS_CLONE3, unix.SYS_CLOSE_RANGE, unix.SYS_WAITID, unix.SYS_MUNMAP), "holder", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			option, nice := "nice = 5", "nice is 5"
			if tt.bare { // who is to set it?
				option, nice = "", "nice is "
			}
			c := newContainer(t, `
[program:web]
command = /bin/sh DIR/web.sh
`+option+`
startsecs = 0
[program:dies]
command = /bin/sh -c "read line < DIR/gate; exit 3"
on_fatal = ignore
autorestart = false
startsecs = 0
`)
			c.write("web.sh", strings.ReplaceAll(`trap 'echo bye; exit 0' TERM
set -- $(cat /proc/self/stat)
echo nice is ${19}
setsid sleep 1000 &
echo $! > DIR/stray.new && mv DIR/stray.new DIR/stray
while :; do sleep 1000 & wait $!; done
`, "DIR", c.dir))
			if err := syscall.Mkfifo(c.dir+"/gate", 0o600); err != nil {
				t.Fatal(err)
			}
			c.prepare("slipway", "run", "-c", "app.conf")
			var err error
			testkit.Refused(t, tt.errno, func() { err = c.cmd.Start() }, tt.calls...)
			if err != nil {
				t.Fatal(err)
			}
			endWith(t, c.cmd)
			stray := 0
			testkit.Eventually(t, testkit.Patience, "web runs", func() error {
				text, err := os.ReadFile(c.dir + "/stray")
				if err == nil {
					stray, err = strconv.Atoi(strings.TrimSpace(string(text)))
				}
				return err
			})
			testkit.Eventually(t, testkit.Patience, "dies has ended", func() error {
				if gate, err := os.OpenFile(c.dir+"/gate", os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
					gate.WriteString("\n")
					gate.Close()
				}
				_, out := c.ask("status", "--output", "json")
				var all []processView
				if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 2 {
					return fmt.Errorf("%v: %s", err, out)
				}
				for _, p := range all {
					switch {
					case p.Name == "web" && p.State != "RUNNING", p.Name == "dies" && p.ExitStatus == nil:
						return fmt.Errorf("%s is %s", p.Name, p.State)
					case p.Level != tt.level || !strings.Contains(p.LevelWhy, tt.why) || (p.LevelWhy == "") != (tt.why == ""):
						return fmt.Errorf("level of %s: %q (%s), want %q (%s)", p.Name, p.Level, p.LevelWhy, tt.level, tt.why)
					case p.Name == "dies" && *p.ExitStatus != 3:
						t.Errorf("dies ended with %d, want 3", *p.ExitStatus)
					}
				}
				return nil
			})
			if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			status, text := c.wait()
			if status != 0 || strings.Count(text, "spawned: ") != 2 || !strings.Contains(text, "bye") || !strings.Contains(text, nice) {
				t.Errorf("status %d, want 0, two starts, %q, and an end by TERM:\n%s", status, nice, text)
			}
			testkit.Eventually(t, testkit.Patience, "the stray is gone", func() error {
				if err := syscall.Kill(stray, 0); err != syscall.ESRCH {
					return errors.New("it lives")
				}
				return nil
			})
		})
	}
}
