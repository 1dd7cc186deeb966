package handoff

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"slipway/supervise/boot"
)

// Detach starts the next stage as the leader of a session of its own and returns
// when it reports, by a byte on boot.EnvReadyFD, that it is ready. If it ends before
// that, the error is *NotReady with its exit status; it has said why on stderr.
//
// This is how a supervisord that is not told nodaemon becomes a daemon. A Go
// process cannot fork without exec, so it is a child and not a copy; from when it
// is ready it needs nothing of ours, and is adopted by PID 1 when we exit.
func (e Exec) Detach() error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot start the supervisor: %w", err)
	}
	defer r.Close()
	cmd := &exec.Cmd{
		Path: e.Path, Args: e.Argv, Dir: e.Dir, Stdout: os.Stdout, Stderr: os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	env := boot.Without(e.Env, boot.EnvBootFD, boot.EnvKeptFD, boot.EnvReadyFD)
	cmd.ExtraFiles = append(cmd.ExtraFiles, w)
	env = append(env, boot.EnvReadyFD+"=3")
	for _, c := range e.crossing() {
		cmd.ExtraFiles = append(cmd.ExtraFiles, c.file)
		env = append(env, c.env+"="+strconv.Itoa(3+len(cmd.ExtraFiles)-1))
	}
	cmd.Env = env
	old := syscall.Umask(e.Umask)
	err = cmd.Start()
	syscall.Umask(old)
	_ = w.Close() // the child has its own; without it the read below never ends
	if err != nil {
		return fmt.Errorf("cannot start the supervisor: %w", err)
	}
	var ready [1]byte
	if _, err := io.ReadFull(r, ready[:]); err == nil {
		return cmd.Process.Release()
	}
	err = cmd.Wait()
	var status *exec.ExitError
	switch {
	case errors.As(err, &status) && status.Exited():
		return &NotReady{Status: status.ExitCode()}
	case errors.As(err, &status):
		return &NotReady{Status: 128 + int(status.Sys().(syscall.WaitStatus).Signal())}
	}
	return &NotReady{}
}

// NotReady is the end of a detached supervisor that never became ready.
type NotReady struct{ Status int }

func (e *NotReady) Error() string {
	return fmt.Sprintf("the supervisor ended before it was ready, with status %d", e.Status)
}
