package child

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// Hooks are those of a process that run.
type Hooks struct {
	*Waited        // nil: none is waited for
	Warming *Child // post_start; nil: it does not run
}

// Waited is a hook for which the state machine of its process waits.
type Waited struct {
	Run   *Child // nil: it is being started, or could not be
	Since time.Time
}

// Hook starts a hook of a program, as that is run. It prints to our own standard output and
// error. Ended is called with what is wrong with its end. The failure is why it could not be
// started; then ended is not called.
func (r *Runner) Hook(m *Maker, p *config.Process, life *machine.Proc, name string, ended func(Failure)) (*Child, Failure) {
	cmd, failure := m.Words(p, p.Hooked.Argv(name))
	if failure.Text != "" {
		failure.Text = name + ": " + failure.Text
		return nil, failure
	}
	cmd.Env = append(boot.Without(cmd.Env, boot.EnvHook, boot.EnvMainPID, boot.EnvExitStatus, boot.EnvExitSignal), boot.EnvHook+"="+name)
	switch {
	case name == machine.PostStop.String():
		signal := ""
		if life.Status.Signal != 0 {
			signal = strings.TrimPrefix(words.SignalName(life.Status.Signal), "SIG")
		}
		cmd.Env = append(cmd.Env, boot.EnvExitStatus+"="+strconv.Itoa(life.Status.ExitCode()), boot.EnvExitSignal+"="+signal)
	case life.PID != 0:
		cmd.Env = append(cmd.Env, boot.EnvMainPID+"="+strconv.Itoa(life.PID))
	}
	c, err := r.Start(Job{Command: cmd, Held: true, Ended: func(exit kernel.Exit, _ []byte) {
		ended(hookFailure(name, exit))
	}})
	if err != nil {
		failure = m.SpawnFailure(p.Name, cmd.Path, err)
		failure.Text = name + ": " + failure.Text
	}
	return c, failure
}

func hookFailure(name string, exit kernel.Exit) Failure {
	if (exit == kernel.Exit{}) {
		return Failure{}
	}
	status := machine.Status(exit)
	return Failure{Text: name + " has failed (" + words.StatusText(exit.Code, exit.Signal, exit.Core) + ")", Code: status.ExitCode()}
}

// LateHook says that a hook that is to end by itself has not done so in the time that it took.
func LateHook(h machine.Hook, limit, took time.Duration) string {
	why := "hook_timeout=" + limit.String()
	if took < limit {
		why = "the program is stopped"
	}
	return h.String() + " has not ended in time (" + why + "); it is killed"
}
