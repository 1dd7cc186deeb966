// Package upward tells those outside of the container how it is: podman and systemd by the
// socket that NOTIFY_SOCKET names, and Kubernetes by a file that it reads when the container
// has ended. Without them it costs nothing.
//
// Both are the container's own. What a program says to the socket would be taken for a word of
// the container, so its name is not handed on, except to a program that stands for the
// container: a COMMAND that is alone.
package upward

import (
	"strconv"
	"strings"

	"slipway/internal/redact"
	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/kernel"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// mostNames bounds the programs in a status.
const mostNames = 5

// Kernel is what is asked of the operating system.
type Kernel interface {
	// Tell sends a datagram to a path or to an abstract name, "@NAME". It does not wait.
	Tell(name, text string) error
	Stat(path string) (kernel.FileInfo, error)
	WriteFile(path string, data []byte, mode uint32) error
}

// Teller tells. A nil Teller tells nobody.
type Teller struct {
	k      Kernel
	log    *logs.Activity
	maker  *child.Maker // which knows the secrets
	socket string       // "": none
	file   string       // "": none
	ready  bool
	status string // that was told last
}

// New returns a Teller for the environment of the container's programs, and takes the socket
// out of that, unless there is but one program that stands for the container.
func New(k Kernel, log *logs.Activity, m *child.Maker, sole bool) *Teller {
	t := &Teller{k: k, log: log, maker: m, file: boot.TerminationFile}
	if !sole {
		t.socket, _ = boot.Lookup(m.Environ, boot.EnvNotify)
		m.Environ = boot.Without(m.Environ, boot.EnvNotify)
	}
	if file, ok := boot.Lookup(m.Environ, boot.EnvTermination); ok {
		t.file = file
	} else if _, err := k.Stat(boot.TerminationFile); err != nil {
		t.file = ""
	}
	return t
}

// Progress tells how far the programs are. The container is ready, once and for all, when
// nothing that was started is still on its way.
func (t *Teller) Progress(table *life.Table) {
	if t == nil || t.socket == "" {
		return
	}
	well, all := 0, 0
	var coming []string
	table.Each(func(p *life.Process) {
		switch isWell, isComing := state(p); {
		case isWell:
			well++
			all++
		case isComing:
			coming = append(coming, p.FullName())
			all++
		case p.Life.Gen > 0 && p.Life.State != machine.Stopped:
			all++
		}
	})
	status := strconv.Itoa(well) + " of " + strconv.Itoa(all) + " programs are ready"
	if len(coming) > 0 {
		more := ""
		if len(coming) > mostNames {
			coming, more = coming[:mostNames], " and others"
		}
		status += ", waiting for " + strings.Join(coming, ", ") + more
	}
	ready := !t.ready && well > 0 && len(coming) == 0
	if t.ready = t.ready || ready; ready {
		t.tell("READY=1\nSTATUS=" + status)
	} else if status != t.status {
		t.tell("STATUS=" + status)
	}
	t.status = status
}

// state says whether a process does what it is for, or is on its way there.
func state(p *life.Process) (well, coming bool) {
	s := p.Life.State
	switch {
	case p.Held:
		return false, p.Vain == ""
	case p.Config.OnDemand() && p.Life.AtRest(): // whoever connects is answered
		return s != machine.Fatal, false
	case p.Config.Schedule != "":
		return s != machine.Fatal && p.Life.Gen > 0, false
	case p.Spec.Oneshot:
		return p.HasCompleted(), s == machine.Starting || s == machine.Running || s == machine.Backoff
	case s == machine.Running:
		return p.IsReady(), !p.IsReady()
	case s == machine.Exited:
		return !p.Life.Wanted && p.Life.Status.Expected(p.Spec.ExitCodes), p.Life.Wanted
	}
	return false, s == machine.Starting || s == machine.Backoff
}

// Stopping tells that the container ends. The reason is "" if it was asked to.
func (t *Teller) Stopping(reason string) {
	if t == nil || t.socket == "" {
		return
	}
	if reason == "" {
		reason = "stopping"
	}
	t.tell("STOPPING=1\nSTATUS=" + reason)
}

func (t *Teller) tell(text string) {
	if err := t.k.Tell(t.socket, text); err != nil {
		t.log.Warn("cannot tell ", t.socket, " (NOTIFY_SOCKET) how the container is: ", words.ErrnoName(err), "; it is not tried again")
		t.socket = ""
	}
}

// Ended leaves word of an end that nobody has asked for: why it was, the exit status, and what
// the program at fault has printed last.
func (t *Teller) Ended(reason string, code int, last []string) {
	if t == nil || t.file == "" || reason == "" {
		return
	}
	reason, last = t.redacted(reason, last)
	text := reason + "; exit status " + strconv.Itoa(code) + "\n"
	text = text[:min(len(text), boot.TerminationMost)]
	kept, room := len(last), boot.TerminationMost-len(text)
	for kept > 0 && len(last[kept-1]) < room {
		kept--
		room -= len(last[kept]) + 1
	}
	for _, line := range last[kept:] {
		text += line + "\n"
	}
	if err := t.k.WriteFile(t.file, []byte(text), 0o644); err != nil {
		t.log.Warn("cannot write ", t.file, " (", boot.EnvTermination, "): ", words.ErrnoName(err))
	}
}

// redacted takes secrets out of what everybody can read who may see the container's status. A
// secret of several lines is found across them.
func (t *Teller) redacted(reason string, last []string) (string, []string) {
	secrets := t.maker.Redactor()
	hide := func(text string) string { return redact.HidePasswords(secrets.Redact(text)) }
	if len(last) == 0 {
		return hide(reason), nil
	}
	return hide(reason), strings.Split(hide(strings.Join(last, "\n")), "\n")
}
