package config

import (
	"strings"

	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
)

// ProbeKind is how a probe finds out whether a program answers.
type ProbeKind uint8

// The kinds of probes.
const (
	ProbeNone   ProbeKind = iota
	ProbeTCP              // connects to host:port
	ProbeUnix             // connects to a socket
	ProbeHTTP             // gets a URL
	ProbeHTTPS            // gets a URL
	ProbeExec             // runs a shell command
	ProbeFile             // looks for a file
	ProbeFD               // waits for a newline on a descriptor of the program
	ProbeNotify           // waits for sd_notify(3)
)

// probeSchemes are what a probe's text begins with, by kind.
var probeSchemes = [...]string{ProbeNone: "", ProbeTCP: "tcp://", ProbeUnix: "unix://", ProbeHTTP: "http://", ProbeHTTPS: "https://",
	ProbeExec: "exec:", ProbeFile: "file:", ProbeFD: "fd:", ProbeNotify: "notify"}

// Probe is how to find out whether a program answers. The zero Probe is none.
type Probe struct {
	Kind ProbeKind
	// Target is what follows the scheme: host:port, a path, a URL without its scheme, a
	// command.
	Target string
	// FD is the number of the descriptor, of ProbeFD.
	FD int
}

// String gives the probe as one writes it.
func (p Probe) String() string { return probeSchemes[p.Kind] + p.Target }

// firstProbeFD and endProbeFD bound the descriptors of ready = fd:N: those below are made
// for every program.
const firstProbeFD, endProbeFD = 3, 256

// ParseProbe reads a probe; ok is false if the text is none.
func ParseProbe(s string) (p Probe, ok bool) {
	for kind := ProbeTCP; kind <= ProbeNotify; kind++ {
		target, found := strings.CutPrefix(s, probeSchemes[kind])
		if !found {
			continue
		}
		p = Probe{Kind: kind, Target: target}
		switch kind {
		case ProbeTCP:
			host, _, wrong := text.Inet(target)
			return p, wrong == "" && host != ""
		case ProbeExec:
			p.Target = dialect.Trim(target)
			return p, p.Target != ""
		case ProbeFile:
			return p, dialect.Trim(target) != ""
		case ProbeFD:
			n, numeric := dialect.ParseInt(target, 10)
			p.FD = int(n)
			return p, numeric && n >= firstProbeFD && n < endProbeFD
		case ProbeNotify:
			return p, target == ""
		}
		return p, target != ""
	}
	return Probe{}, false
}

// ReloadHow is the way in which a program is made to read its files again.
type ReloadHow uint8

// The ways of reload. A restart helps every program.
const (
	ReloadRestart ReloadHow = iota
	ReloadSignal
	ReloadCommand
	ReloadNone
)

// Reload is how a program is made to read its files again. The zero Reload restarts it.
type Reload struct {
	How     ReloadHow
	Signal  int    // of ReloadSignal
	Command string // of ReloadCommand
}

// String gives the reload as one writes it.
func (r Reload) String() string {
	switch r.How {
	case ReloadSignal:
		return "signal " + strings.TrimPrefix(dialect.SignalName(r.Signal), "SIG")
	case ReloadCommand:
		return "command " + r.Command
	case ReloadNone:
		return "none"
	}
	return "restart"
}

// ParseReload reads a reload; ok is false if the text is none.
func ParseReload(s string) (r Reload, ok bool) {
	verb, rest, _ := strings.Cut(s, " ")
	switch verb {
	case "restart":
		return Reload{How: ReloadRestart}, rest == ""
	case "none":
		return Reload{How: ReloadNone}, rest == ""
	case "command":
		words, err := dialect.SplitCommand(rest)
		return Reload{How: ReloadCommand, Command: dialect.Trim(rest)}, err == nil && len(words) > 0
	case "signal":
		n, ok := dialect.SignalNumber(rest)
		return Reload{How: ReloadSignal, Signal: n}, ok && n > 0
	}
	return Reload{}, false
}
