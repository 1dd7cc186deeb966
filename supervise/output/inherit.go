package output

import (
	"slipway/supervise/config"
	"slipway/supervise/kernel"
)

// Place is what decides whether a program writes to the container's output itself.
type Place struct {
	FD    int          // descriptor that it could have, 1 or 2; 0: somebody must read what it prints
	End   kernel.Stdio // what that is
	Relay config.Relay
	User  *config.User // of the program; nil: ours
	Alone bool         // there is no other program
	Idiom bool         // maxbytes=0, which keeps Supervisor from touching its output
}

// Inherit decides whether the next incarnation has the descriptor itself, and notes that. It
// costs nothing, but then nobody can look at the output here: so it does where that is asked
// for, or where it is alone and nobody has wanted to look, or where a terminal and the idiom say
// that it wants the terminal.
func (o *Outlet) Inherit(p Place) bool {
	o.inherited = 0
	if p.FD != 0 && p.passesBy(o.wanted) {
		o.inherited = p.FD
	}
	return o.inherited != 0
}

// Have notes that the process has descriptor fd in any case.
func (o *Outlet) Have(fd int) { o.inherited = fd }

func (p *Place) passesBy(wanted bool) bool {
	switch {
	case p.End.Gone: // it would die of SIGPIPE, over and over
		return false
	case p.Relay != config.RelayAuto:
		return p.Relay == config.RelayNo
	case p.End.Terminal:
		return p.Idiom || p.Alone
	}
	return p.Alone && !wanted && !p.cannotOpen()
}

// cannotOpen reports whether the program could not open the descriptor by a name such as
// /dev/stdout.
func (p *Place) cannotOpen() bool {
	return p.End.Pipe && p.User != nil && p.User.UID != 0 && p.User.UID != p.End.Owner
}

// PassedBy says why the output of the process called name cannot be shown: it has the
// container's own; "": it can be. Promise reports whether it can be from the next incarnation
// on, which Inherit sees to.
func (o *Outlet) PassedBy(name string, promise func(fd int) bool) string {
	o.wanted = true
	if o.inherited == 0 {
		return ""
	}
	where := "stdout"
	if o.inherited == 2 {
		where = "stderr"
	}
	text := "slipway: " + name + " writes to the container's " + where + " itself: look there (docker logs)"
	if promise(o.inherited) {
		text += "; from its next start on its output is kept here as well"
	}
	return text + "\n"
}
