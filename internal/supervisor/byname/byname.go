// Package byname are the small commands that Supervisor and its well-known plug-ins install
// beside supervisord, and that configurations and Dockerfiles call by their names: pidproxy,
// echo_supervisord_conf, supervisor_stdout and the listeners of superlance. slipway is all of
// them, as links.
package byname

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/internal/supervisor/listener"
	"slipway/internal/supervisor/superlance"
)

// Command runs a command line, the name first, and returns its exit status.
type Command func(args []string, in io.Reader, out, errs io.Writer) int

// Names are those of all commands.
func Names() []string {
	return append([]string{"echo_supervisord_conf", "pidproxy", "supervisor_stdout"}, superlance.Names()...)
}

// Find returns the command of that name, nil if there is none.
func Find(name string) Command {
	switch name {
	case "echo_supervisord_conf":
		return echoConf
	case "pidproxy":
		return pidproxy
	case "supervisor_stdout":
		return supervisorStdout
	}
	return superlance.Find(name)
}

// sample is a configuration to begin with. Its settings are those of the original, which
// Dockerfiles change by sed.
//
//go:embed sample.conf
var sample string

// echoConf prints the sample.
func echoConf(_ []string, _ io.Reader, out, _ io.Writer) int {
	if _, err := io.WriteString(out, sample); err != nil {
		return 1
	}
	return 0
}

// look is how often it is looked whether a process that is no child has ended.
const look = 50 * time.Millisecond

// pidproxy runs a command, and passes signals on to the process that a pid file names. It ends
// when the command does, as the original. After a signal that asks for the end it waits for
// both, where the original leaves at once: its supervisor would take the program for stopped.
func pidproxy(args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) < 3 {
		fmt.Fprintf(out, "pidproxy -- run command and proxy signals to it via its pidfile.\n\nUsage: %s <pidfile name> <command> [<cmdarg1> ...]\n", args[0])
		return 1
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGQUIT)
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, errs
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(errs, "pidproxy: cannot start %q: %v\n", args[2], err)
		return 127
	}
	ended := make(chan struct{})
	go func() { // ends with the command; nobody waits for it after a signal that could not be passed on
		cmd.Wait()
		close(ended)
	}()
	var tick <-chan time.Time // nil: nobody has asked for the end
	named := 0
	for {
		select {
		case sig := <-signals:
			text, err := os.ReadFile(args[1])
			pid, bad := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil || bad != nil || pid < 1 {
				fmt.Fprintf(out, "Can't read child pidfile %s!\n", args[1])
				continue
			}
			syscall.Kill(pid, sig.(syscall.Signal))
			if sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT {
				named, tick = pid, time.Tick(look)
			}
		case <-ended:
			if tick == nil {
				return 0
			}
			ended = nil
		case <-tick:
			if ended == nil && syscall.Kill(named, 0) != nil {
				return 0
			}
		}
	}
}

// supervisorStdout is an event listener that answers every event with what it says, for the
// result handler supervisor_stdout:event_handler, which prints that.
func supervisorStdout(_ []string, in io.Reader, out, errs io.Writer) int {
	return listener.Serve("supervisor_stdout", in, out, errs, func(e listener.Event) (string, error) {
		return string(e.Payload), nil
	})
}
