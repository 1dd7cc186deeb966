package supervise

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// Values that the watcher has found reach programs at their next start, and clients see
// them; nobody else may give values.
func TestValuesOfTheWatcher(t *testing.T) {
	gives := func(p *kerneltest.Process) {
		p.Write(boot.ControlFD, control.AppendFrame(nil, control.Frame{Kind: control.FrameRequest, ID: 2, Method: control.OpValues, Args: []control.Value{
			control.Strings([]string{"PATH=/bin", "COLOUR=green"}), control.Strings([]string{"COLOUR"}), control.String("the new values"),
		}}))
		stays(p)
	}
	simulatedWith(t, Run, watched(true, gives), sole("sleep", "pause"), func(x *simulation) {
		x.sleep(time.Second)
		i := x.is("sleep", control.Running)
		if env := x.m.Environ(int(i.PID)); slices.Contains(env, "COLOUR=green") {
			t.Errorf("a program that ran before has %q", env)
		}
		if got := x.ask(control.Success, control.OpBoot).Str(); got != "the new values" {
			t.Errorf("clients are told %q, want the new values", got)
		}
		x.ask(control.Success, control.OpProcessRestart, control.String("sleep"), control.Bool(true))
		i = x.is("sleep", control.Running)
		if env := x.m.Environ(int(i.PID)); !slices.Contains(env, "COLOUR=green") {
			t.Errorf("the restarted program has %q, want COLOUR=green", env)
		}
		if got := x.s.maker.Secrets; !slices.Equal(got, []string{"COLOUR"}) {
			t.Errorf("the secrets are %q, want COLOUR", got)
		}
		x.ask(control.Forbidden, control.OpValues, control.Strings(nil), control.Strings(nil), control.String(""))
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}
