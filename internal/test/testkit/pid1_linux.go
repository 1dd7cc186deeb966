package testkit

import (
	"os/exec"
	"syscall"
	"testing"
)

// AsPID1 changes cmd so that its program is PID 1 of a new PID namespace with a
// /proc of its own; cmd.Process.Pid is then its number outside. The namespace
// and all in it ends with that process, which is killed when the test process
// dies. Needs root.
func AsPID1(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	Need(t, Root)
	// A mount namespace inherits shared propagation: without the first mount
	// the new /proc would appear in the whole machine.
	const script = `mount --make-rprivate / && mount -t proc proc /proc && exec "$@"`
	cmd.Args = append([]string{"/bin/sh", "-c", script, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWPID | syscall.CLONE_NEWNS
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
