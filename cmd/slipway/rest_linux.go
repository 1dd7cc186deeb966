package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/internal/watcher"
	"slipway/supervise/boot"
	"slipway/supervise/control/client"
	"slipway/supervise/waiter"
)

// rest is how this process becomes the waiter, and what it has to know if it was one.
func (o watchOptions) rest(a *app, ctl *client.Client) (watcher.Rest, error) {
	var r watcher.Rest
	if o.woken > 0 {
		f := os.NewFile(uintptr(o.woken), "list")
		text, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<62))
		l, ok := waiter.Decode(text)
		if err := errors.Join(err, f.Close()); err != nil || !ok {
			return r, fmt.Errorf("cannot read what was waited for: %w", err)
		}
		r.Woken, r.Since = l.Paths, time.Unix(0, o.since)
	}
	init, err := launch.Init()
	if err != nil || filepath.Base(init) != launch.InitName {
		return r, nil //nolint:nilerr // our own image would be no smaller: the watcher waits itself
	}
	r.Become = func(ctx context.Context, paths []string, still func() bool) error {
		l := waiter.List{Slipway: filepath.Join(filepath.Dir(init), boot.Slipway), Paths: paths}
		if own, err := os.Executable(); err == nil {
			l.Slipway = own
		}
		l.Take()
		if !still() {
			return nil
		}
		list, err := handoff.Memory(l.Encode())
		if err != nil {
			return err
		}
		defer list.Close()
		control, err := ctl.Duplicate()
		if err != nil {
			return err
		}
		defer unix.Close(control)
		// Not below 10: the watcher has the control connection at 3.
		listed, err := unix.FcntlInt(list.Fd(), unix.F_DUPFD_CLOEXEC, control)
		if err != nil {
			return err
		}
		defer unix.Close(listed)
		for _, fd := range []int{control, listed} {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
				return err
			}
		}
		argv := []string{boot.Slipway, waiter.Word, strconv.Itoa(control), strconv.Itoa(listed)}
		return a.execute(ctx, handoff.Exec{Path: init, Argv: argv, Env: os.Environ(), Foreign: true, Files: true})
	}
	return r, nil
}
