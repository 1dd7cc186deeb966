// Slipway is the entrypoint of a container image: it renders configuration files
// from what is known when the container starts, and execs into its supervisor,
// which runs the programs that the image and all the images below it have
// included. Everything that a person types is a command of this executable too.
//
// This package is wiring: flags, exit statuses, messages. What the commands do is
// in the packages it imports; one file holds one command, in three parts: its
// constructor, its options, and the function that runs it.
//
// It looks at the name it was called by: supervisord and supervisorctl take the
// command lines of Supervisor, those of package byname are what it and its plug-ins install
// beside them, slipway-init is the supervisor itself.
package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"slipway/internal/confine"
	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/supervisor/byname"
	"slipway/internal/supervisor/ctl"
	"slipway/supervise/boot"
	"slipway/supervise/early"
)

// grace is how long a command may tidy up after a signal. The launch stage ends
// within 100 ms of one, or an orchestrator's stop would wait for it.
const grace = 80 * time.Millisecond

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case boot.Serve, boot.Compress:
			confine.Process(true)
		case boot.Watch:
			confine.Process(false)
		}
	}
	runtime.LockOSThread() // the main thread makes the execve, and PID 1 forks in it
	name := filepath.Base(os.Args[0])
	if command := byname.Find(name); command != nil {
		early.Release() // it has its own use for signals
		os.Exit(command(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	switch name {
	case "slipway-init":
		os.Exit(superviseMain(os.Args, os.Environ())) // catches signals before it does anything else
	case "supervisorctl":
		confine.NoCores()
		early.Release() // Ctrl-C ends its tail -f and its shell, not the process
		os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	signals := handoff.Catch()
	a := newApp()
	a.cores = confine.NoCores()
	a.execves = make(chan execve)
	os.Exit(untilSignal(signals, a.cores, a.execves, func(ctx context.Context) int { return a.main(ctx, os.Args) }))
}

// execve is one that the main thread is asked to make. It answers only if that fails.
type execve struct {
	handoff.Exec
	failed chan error
}

// untilSignal runs f under a context that a signal cancels, and returns its
// status, or 128+n for signal n. It makes the execve that f asks for, if no signal has
// come.
func untilSignal(signals *handoff.Signals, cores confine.Cores, execves <-chan execve, f func(context.Context) int) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan int, 1)
	go func() { done <- f(ctx) }() // main waits for it, after a signal for no longer than grace
	for {
		select {
		case status := <-done:
			return status
		case s := <-signals.C:
			number := int(s.(syscall.Signal))
			cancel(&signalled{number})
			select {
			case <-done:
			case <-time.After(grace):
			}
			return exit.Signalled + number
		case x := <-execves:
			x.Last = func() bool {
				if signals.Hold(); x.Foreign {
					signals.Unhold()
				}
				return len(signals.C) == 0
			}
			cores.Allow()
			err := x.Run()
			cores.Forbid()
			if signals.Unhold(); len(signals.C) == 0 {
				x.failed <- err
			}
		}
	}
}
