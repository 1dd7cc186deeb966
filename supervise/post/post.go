// Package post says what a signal to the supervisor means, and passes on what is meant for
// programs.
//
// The meaning is looked for in this order: stop_signals, signals, what is built in. One that
// means nothing is dropped; none ends the container by accident.
//
// A COMMAND that slipway run was given and that is alone stands for the container: what is
// sent to the supervisor is meant for it. It gets every signal unchanged, also those that
// usually ask for the end; the end is its own then.
package post

import (
	"slices"
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/signals"
)

// Meaning is what the supervisor has to do.
type Meaning uint8

// The meanings.
const (
	Nothing Meaning = iota // it was passed on, or dropped
	Stop                   // end the container
	Reload                 // read the configuration again
	Reopen                 // open the logs again
)

// Kernel is what a Post asks of the system.
type Kernel interface {
	IsTerminal(fd int) bool
}

// Post passes signals on.
type Post struct {
	Kernel Kernel
	Log    *logs.Activity
	Table  *life.Table
	// Main says that there is the program of a command line.
	Main bool
	// Explain says once that a signal means nothing.
	Explain bool

	said uint64 // bit n-1: it was said of signal n
}

// Receive passes a signal on if it is for programs, or says what it means. running says
// that no stop is under way.
func (o *Post) Receive(sig syscall.Signal, c *config.Slipway, running bool) Meaning {
	var sole *life.Process
	if running {
		sole = o.sole()
	}
	switch {
	case slices.Contains(c.StopSignals, int(sig)) && (sole == nil || !usual(sig)):
		return Stop
	case o.route(sig, c.Signals):
		return Nothing
	case sole != nil:
		o.pass(sole, sig, sig)
		return Nothing
	}
	return o.builtIn(sig, c)
}

// usual reports whether a signal asks for the end of any program that has no other use
// for it.
func usual(sig syscall.Signal) bool {
	return sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT
}

// IsSole reports whether the configuration has no program but that of the command line.
func (o *Post) IsSole(c *config.Config) bool {
	n := 0
	for i := range c.Groups {
		n += len(c.Groups[i].Processes)
	}
	return o.Main && n == 1
}

// sole returns the program of the command line, if it is up and there is no other; nil
// otherwise.
func (o *Post) sole() (main *life.Process) {
	if !o.Main {
		return nil
	}
	n := 0
	o.Table.Each(func(p *life.Process) {
		if n++; p.Config.Program == config.MainProgram && p.IsSignallable() {
			main = p
		}
	})
	if n > 1 {
		return nil
	}
	return main
}

// route passes a signal on to the programs that the configuration names for it, and reports
// whether it names any.
func (o *Post) route(sig syscall.Signal, routes []signals.Route) (routed bool) {
	for _, r := range routes {
		if syscall.Signal(r.Signal) != sig {
			continue
		}
		routed = true
		reached := false
		o.Table.Each(func(p *life.Process) {
			if p.Config.IsCalled(r.To) && p.IsSignallable() {
				reached = true
				o.pass(p, sig, syscall.Signal(r.As))
			}
		})
		if !reached {
			o.Log.Warn("received ", nameOf(sig), " for ", r.To, ", which is not running")
		}
	}
	return routed
}

// pass sends a process a signal, because the supervisor has got one.
func (o *Post) pass(p *life.Process, got, as syscall.Signal) {
	what := nameOf(got)
	if as != got {
		what += " as " + nameOf(as)
	}
	o.Log.Info("passed ", what, " on to ", p.Name(), " (pid ", strconv.Itoa(p.Life.PID), ")")
	o.Table.Signal(p, as)
}

// builtIn is what signals mean that the configuration does not mention.
func (o *Post) builtIn(sig syscall.Signal, c *config.Slipway) Meaning {
	switch sig {
	case syscall.SIGHUP:
		return Reload
	case syscall.SIGUSR2:
		o.Log.Info("received SIGUSR2 indicating log reopen request")
		return Reopen
	case syscall.SIGWINCH:
		if !o.forward(sig) && !o.Kernel.IsTerminal(0) { // a terminal tells everybody of its size
			o.meaningless(sig, c)
		}
	case syscall.SIGCONT: // comes with signals that stop
	default:
		o.meaningless(sig, c)
	}
	return Nothing
}

// forward passes a signal on to the program that has the terminal, if there is one.
func (o *Post) forward(sig syscall.Signal) (forwarded bool) {
	o.Table.Each(func(p *life.Process) {
		if p.Inherits && p.IsSignallable() {
			forwarded = true
			o.Table.Signal(p, sig)
		}
	})
	return forwarded
}

// meaningless says once that a signal does nothing here: an image may have a STOPSIGNAL
// that nobody has told us of, and be killed after a while without another word.
func (o *Post) meaningless(sig syscall.Signal, c *config.Slipway) {
	bit := uint64(1) << (sig - 1)
	if !o.Explain || o.said&bit != 0 {
		return
	}
	o.said |= bit
	word := signals.Name(int(sig))
	stop := make([]string, 0, 4)
	for _, n := range c.StopSignals {
		stop = append(stop, signals.Name(n))
	}
	o.Log.Warn("received ", nameOf(sig), ", which has no meaning here (in [slipway], stop_signals = ", strings.Join(append(stop, word), ", "),
		" lets it end the container, signals = ", word, ":PROGRAM passes it on)")
}

// nameOf is the name of a signal, such as SIGTERM or SIGRTMIN+3.
func nameOf(sig syscall.Signal) string {
	word := signals.Name(int(sig))
	if word[0] >= '0' && word[0] <= '9' {
		return "signal " + word
	}
	return "SIG" + word
}
