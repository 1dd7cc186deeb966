package converge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// Supervisor is the Programs of a running PID 1, reached over its control socket.
type Supervisor struct{ Client client.Caller }

var _ Programs = Supervisor{}

// Reload reloads the processes of a program one after the other, each only when
// the one before it is healthy again, so that a program of several processes never
// is away as a whole.
func (s Supervisor) Reload(ctx context.Context, program string) error {
	processes, err := s.processes(ctx, program)
	if err != nil {
		return err
	}
	running := false
	for _, p := range processes {
		name := control.String(p.FullName())
		_, err := s.Client.Call(ctx, control.OpProcessReload, name, control.Bool(true))
		switch {
		case isFault(err, control.NotRunning):
			continue
		case isFault(err, control.SpawnError), isFault(err, control.AbnormalTermination):
			return down{readable(p, err)}
		case err != nil:
			return readable(p, err)
		}
		running = true
		if len(processes) > 1 {
			if err := s.ready(ctx, p); err != nil {
				return down{err}
			}
		}
	}
	if !running {
		return ErrNotRunning
	}
	return nil
}

// down is ErrDown with the reason.
type down struct{ error }

func (d down) Is(target error) bool { return target == ErrDown }
func (d down) Unwrap() error        { return d.error }

// Ready waits until every process of the program is ready.
func (s Supervisor) Ready(ctx context.Context, program string) error {
	processes, err := s.processes(ctx, program)
	if err != nil {
		return err
	}
	for _, p := range processes {
		if err := s.ready(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (s Supervisor) ready(ctx context.Context, p control.ProcessInfo) error {
	_, err := s.Client.Call(ctx, control.OpWaitReady, control.String(p.FullName()))
	return readable(p, err)
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

// processes are those of a program: of its own name, or of its group. A program
// that the supervisor does not know has none, and is nothing to wait for.
func (s Supervisor) processes(ctx context.Context, program string) ([]control.ProcessInfo, error) {
	all, err := client.Processes(ctx, s.Client)
	if err != nil {
		return nil, err
	}
	var out []control.ProcessInfo
	for _, p := range all {
		if p.Name == program || p.Group == program || p.FullName() == program {
			out = append(out, p)
		}
	}
	return out, nil
}

func isFault(err error, code control.Code) bool {
	var f *control.Fault
	return errors.As(err, &f) && f.Code == code
}
