package converge

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"slipway/supervise/control"
)

// pid1 answers for a process table, and writes down what else it is asked.
type pid1 struct {
	table []control.ProcessInfo
	calls []string
	fault map[string]error // by call
}

func (p *pid1) Call(_ context.Context, method string, args ...control.Value) (control.Value, error) {
	if method == control.OpProcessList {
		var list []control.Value
		for _, info := range p.table {
			list = append(list, control.Encode(&info))
		}
		return control.List(list...), nil
	}
	call := method + " " + args[0].Str()
	p.calls = append(p.calls, call)
	return control.Value{}, p.fault[call]
}

func (p *pid1) CallFile(context.Context, string, ...control.Value) (control.Value, *os.File, error) {
	panic("not asked for")
}

func (p *pid1) Stream(context.Context, func(control.Value) error, string, ...control.Value) error {
	panic("not asked for")
}

// Who is told: the processes that a name of notify means, and of these those that are up.
func TestOnlyWhatIsUpIsTold(t *testing.T) {
	table := []control.ProcessInfo{
		{Name: "a_0", Group: "x", Program: "a", State: control.Running},
		{Name: "a_1", Group: "x", Program: "a", State: control.Stopped},
		{Name: "b", Group: "x", Program: "b", State: control.Backoff},
		{Name: "job", Group: "job", Program: "job", State: control.Exited},
		{Name: "dead", Group: "dead", Program: "dead", State: control.Fatal},
	}
	reload, ready := control.OpProcessReload+" ", control.OpWaitReady+" "
	for _, tt := range []struct {
		notify string
		want   []string
		err    error
	}{
		{notify: "a", want: []string{reload + "x:a_0", ready + "x:a_0"}},
		{notify: "x", want: []string{reload + "x:a_0", ready + "x:a_0", reload + "x:b", ready + "x:b", ready + "x:a_0", ready + "x:b"}},
		{notify: "x:b", want: []string{reload + "x:b", ready + "x:b"}},
		{notify: "job", err: ErrNotRunning},
		{notify: "dead", err: ErrNotRunning},
		{notify: "unknown", err: ErrNotRunning},
	} {
		t.Run(tt.notify, func(t *testing.T) {
			p := &pid1{table: table}
			s := NewSupervisor(p)
			err := s.Reload(context.Background(), tt.notify)
			if !errors.Is(err, tt.err) {
				t.Errorf("Reload = %v, want %v", err, tt.err)
			}
			if err := s.Ready(context.Background(), tt.notify); err != nil {
				t.Errorf("Ready = %v", err)
			}
			if !slices.Equal(p.calls, tt.want) {
				t.Errorf("calls are %q, want %q", p.calls, tt.want)
			}
		})
	}
}

// A process that dies of what it was told is asked for, although it is not up any more.
func TestWhatWasToldHasToProveItself(t *testing.T) {
	call := control.OpWaitReady + " web"
	p := &pid1{
		table: []control.ProcessInfo{{Name: "web", Group: "web", Program: "web", State: control.Running}},
		fault: map[string]error{call: control.NewFault(control.AbnormalTermination, "web")},
	}
	s := NewSupervisor(p)
	if err := s.Reload(context.Background(), "web"); err != nil {
		t.Fatal(err)
	}
	p.table[0].State = control.Exited
	if err := s.Ready(context.Background(), "web"); err == nil {
		t.Error("a program that has died is ready")
	}
}
