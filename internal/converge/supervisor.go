package converge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// Supervisor is the Programs of a running PID 1, reached over its control socket.
type Supervisor struct {
	client client.Caller
	told   map[string][]control.ProcessInfo // by program, in the last Reload
}

var _ Programs = (*Supervisor)(nil)

// NewSupervisor returns the Programs behind a connection.
func NewSupervisor(c client.Caller) *Supervisor {
	return &Supervisor{client: c, told: map[string][]control.ProcessInfo{}}
}

// Reload reloads the processes of a program one after the other, each only when
// the one before it is healthy again, so that a program of several processes never
// is away as a whole. One that is not up is left alone, whatever its reload is: it was
// stopped, or is done, and reads its files when it starts.
func (s *Supervisor) Reload(ctx context.Context, program string) error {
	return s.each(ctx, program, control.OpProcessReload)
}

// Restart restarts the processes of a program that are up, one after the other as Reload.
func (s *Supervisor) Restart(ctx context.Context, program string) error {
	return s.each(ctx, program, control.OpProcessRestart)
}

func (s *Supervisor) each(ctx context.Context, program, op string) error {
	s.told[program] = nil
	processes, err := s.up(ctx, program)
	if err != nil {
		return err
	}
	errs, told := make([]error, len(processes)), make([]bool, len(processes))
	client.Roll(len(processes), rolling(processes), func(i int) error {
		told[i], errs[i] = s.tell(ctx, op, processes[i], len(processes) > 1)
		return errs[i]
	})
	for i, p := range processes {
		if told[i] {
			s.told[program] = append(s.told[program], p)
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if len(s.told[program]) == 0 {
		return ErrNotRunning
	}
	return nil
}

// rolling is how many of the processes are told at once.
func rolling(processes []control.ProcessInfo) int {
	for _, p := range processes {
		if p.Program != processes[0].Program {
			return 1
		}
	}
	if len(processes) == 0 {
		return 1
	}
	return int(processes[0].Rolling)
}

// tell calls an operation on a process, and reports whether it was told. One of several is
// waited for until it is ready.
func (s *Supervisor) tell(ctx context.Context, op string, p control.ProcessInfo, several bool) (told bool, err error) {
	_, err = s.client.Call(ctx, op, control.String(p.FullName()), control.Bool(true))
	switch {
	case isFault(err, control.NotRunning):
		return false, nil
	case isFault(err, control.SpawnError), isFault(err, control.AbnormalTermination):
		return false, down{s.because(ctx, p, err)}
	case err != nil:
		return false, readable(p, err)
	}
	if several {
		if err := s.ready(ctx, p); err != nil {
			return true, down{err}
		}
	}
	return true, nil
}

// down is ErrDown with the reason.
type down struct{ error }

func (d down) Is(target error) bool { return target == ErrDown }
func (d down) Unwrap() error        { return d.error }

// Ready waits until every process that Reload has told is ready.
func (s *Supervisor) Ready(ctx context.Context, program string) error {
	for _, p := range s.told[program] {
		if err := s.ready(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Supervisor) ready(ctx context.Context, p control.ProcessInfo) error {
	_, err := s.client.Call(ctx, control.OpWaitReady, control.String(p.FullName()))
	return s.because(ctx, p, err)
}

// because is a fault of a start in words that say why: what a probe has found, or how the
// process has ended. The answer of the call has no room for that, as it is Supervisor's.
func (s *Supervisor) because(ctx context.Context, p control.ProcessInfo, err error) error {
	if !isFault(err, control.SpawnError) && !isFault(err, control.AbnormalTermination) {
		return readable(p, err)
	}
	if f := new(control.Fault); errors.As(err, &f) && f.Detail != p.FullName() {
		return readable(p, err) // it says why itself
	}
	now, cause := client.Process(ctx, s.client, p.FullName())
	if cause != nil || ending(now) == "" {
		return readable(p, err)
	}
	return errors.New(ending(now))
}

// ending is why a process is not up, as far as its last end says it.
func ending(p control.ProcessInfo) string {
	switch {
	case p.Why != "":
		return p.Why
	case p.Signal != 0:
		return fmt.Sprintf("it was ended by signal %d (%s)", p.Signal, unix.SignalName(unix.Signal(p.Signal)))
	case p.LastStatus > 0:
		return fmt.Sprintf("it has ended with status %d", p.LastStatus)
	}
	return p.SpawnError
}

// readable is a fault in words. What its detail says of the name of the process is
// left out where that is the program's.
func readable(p control.ProcessInfo, err error) error {
	var f *control.Fault
	if !errors.As(err, &f) {
		return err
	}
	detail := f.Detail
	if p.Group == p.Name {
		detail = strings.TrimPrefix(detail, p.Name+": ")
	}
	switch {
	case f.Code == control.Failed && f.Detail != "":
		return errors.New(detail)
	case f.Detail == "" || f.Detail == p.FullName():
		return errors.New(f.Code.Text())
	}
	return fmt.Errorf("%s: %s", f.Code.Text(), detail)
}

// up are the processes that a name of notify means and that are up. A name that means
// none is that of a program that is still to be added.
func (s *Supervisor) up(ctx context.Context, name string) ([]control.ProcessInfo, error) {
	all, err := client.Processes(ctx, s.client)
	if err != nil {
		return nil, err
	}
	var out []control.ProcessInfo
	for _, p := range all {
		if p.Is(name) && p.IsUp() {
			out = append(out, p)
		}
	}
	return out, nil
}

func isFault(err error, code control.Code) bool {
	var f *control.Fault
	return errors.As(err, &f) && f.Code == code
}
