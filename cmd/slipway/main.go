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
// command lines of Supervisor, slipway-init is the supervisor itself.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"slipway/internal/exit"
	"slipway/internal/supervisor/ctl"
	"slipway/supervise/early"
)

// grace is how long a command may tidy up after a signal. The launch stage ends
// within 100 ms of one, or an orchestrator's stop would wait for it.
const grace = 80 * time.Millisecond

func main() {
	switch filepath.Base(os.Args[0]) {
	case "slipway-init":
		os.Exit(superviseMain(os.Args, os.Environ())) // installs its own handlers, before it does anything else
	case "supervisorctl":
		os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr)) // Ctrl-C ends its tail -f and its shell, not the process
	}
	// Until this line a signal ends the process by Go's own default; those before are
	// noted by package early.
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	for _, s := range early.Take() {
		signals <- s
	}
	a := newApp()
	a.looks = make(chan chan struct{})
	os.Exit(untilSignal(signals, a.looks, func(ctx context.Context) int { return a.main(ctx, os.Args) }))
}

// untilSignal runs f under a context that a signal cancels, and returns its
// status, or 128+n for signal n. A channel that comes through looks is closed if no
// signal has come.
func untilSignal(signals <-chan os.Signal, looks <-chan chan struct{}, f func(context.Context) int) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan int, 1)
	go func() { done <- f(ctx) }() // main waits for it, after a signal for no longer than grace
	interrupted := func(s os.Signal) int {
		number := int(s.(syscall.Signal))
		cancel(&signalled{number})
		select {
		case <-done:
		case <-time.After(grace):
		}
		return exit.Signalled + number
	}
	for {
		select {
		case status := <-done:
			return status
		case s := <-signals:
			return interrupted(s)
		case none := <-looks:
			select {
			case s := <-signals:
				return interrupted(s)
			default:
				close(none)
			}
		}
	}
}
