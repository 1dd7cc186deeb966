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
	for _, p := range processes {
		name := control.String(p.FullName())
		_, err := s.client.Call(ctx, op, name, control.Bool(true))
		switch {
		case isFault(err, control.NotRunning):
			continue
		case isFault(err, control.SpawnError), isFault(err, control.AbnormalTermination):
			return down{readable(p, err)}
		case err != nil:
			return readable(p, err)
		}
		s.told[program] = append(s.told[program], p)
		if len(processes) > 1 {
			if err := s.ready(ctx, p); err != nil {
				return down{err}
			}
		}
	}
	if len(s.told[program]) == 0 {
		return ErrNotRunning
	}
	return nil
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
