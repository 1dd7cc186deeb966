package main

import (
	"context"
	"os"
	"strconv"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// running returns the values that the supervisor of this container started with, or
// nil when there is none to ask: `docker exec` has an environment of its own, and
// what it would give has nothing to do with the programs.
func (a *app) running(ctx context.Context) (*launch.Decided, error) {
	c, none, err := a.dial(ctx)
	if none {
		return nil, nil // the image is read as a start would
	}
	if err != nil {
		return nil, err
	}
	defer c.Close()
	text, err := bootText(ctx, c)
	if err != nil || text == "" {
		return nil, err
	}
	snapshot, err := handoff.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	values := launch.FromSnapshot(snapshot)
	a.known = values.Known
	return values, nil
}

// session is a running supervisor, and what the launch stage handed over to it.
type session struct {
	ctl  *client.Client
	boot handoff.Snapshot
	mode string // run or supervisord
}

// session connects to the supervisor of this container. It is nil where none is to be
// reached, or where it has no record of its start: there is no environment then that
// its files could be rendered from again.
func (a *app) session(ctx context.Context) (*session, error) {
	ctl, none, err := a.dial(ctx)
	if none {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &session{ctl: ctl}
	text, err := bootText(ctx, ctl)
	if err == nil && text != "" {
		s.boot, err = handoff.Decode([]byte(text))
	}
	var info control.SupervisorInfo
	if err == nil {
		info, err = client.Info(ctx, ctl)
		s.mode = info.Mode
	}
	if err != nil || text == "" {
		_ = ctl.Close() // there is nothing to be said about it
		return nil, err
	}
	return s, nil
}

// enterFolder goes to the folder of the supervisor, which relative paths of its
// configuration are from. Without the right to look, the present one has to do: docker
// exec starts in the folder that the container started in.
func (s *session) enterFolder() {
	if l, err := s.ctl.Listener(); err == nil {
		_ = os.Chdir("/proc/" + strconv.Itoa(l.PID) + "/cwd")
	}
}

func (s *session) close() {
	if s != nil {
		_ = s.ctl.Close() // the supervisor may have closed it first
	}
}

// options are how the image of the session is read: as at its start, with the sources
// as they are now.
func (s *session) options() launch.Options {
	return sessionOptions(s.boot, s.mode)
}

func sessionOptions(boot handoff.Snapshot, mode string) launch.Options {
	return launch.Options{Config: boot.Config, Root: boot.Root, Kept: boot.Kept, Environ: boot.Captured, Argv0: "slipway", AsSupervisord: mode == "supervisord"}
}

func bootText(ctx context.Context, c client.Caller) (string, error) {
	v, err := c.Call(ctx, control.OpBoot)
	if err != nil {
		return "", failed("ask for the values of", "the supervisor", err)
	}
	return v.Str(), nil
}

// values returns the values that are to be shown: those of the running container, unless a configuration is named or fresh is set.
func (a *app) values(ctx context.Context, o imageOptions, fresh bool) (*launch.Decided, error) {
	if o.config == "" && !fresh {
		values, err := a.running(ctx)
		if values != nil || err != nil {
			return values, err
		}
	}
	im, err := o.load(ctx, a)
	if err != nil {
		return nil, err
	}
	a.notes(im.Notes) // an optional source that failed, above all: its values are not shown
	return im.Decided, nil
}
