package supervise

import (
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/server"
)

// call is a call of the control protocol, and the supervisor that it is about.
type call struct {
	*server.Call
	s *Supervisor
}

func (c *call) reply(v control.Value)                    { c.Reply(v) }
func (c *call) replyFD(v control.Value, fd int)          { c.ReplyFD(v, fd) }
func (c *call) fault(code control.Code, detail string)   { c.Fault(code, detail) }
func (c *call) answer(v control.Value, f *control.Fault) { c.Answer(v, f) }

// serve calls the handler of a method.
func (s *Supervisor) serve(c *server.Call) {
	if s.phase != phaseRunning && !c.Method.InShutdown {
		c.Fault(control.ShutdownState, "")
		return
	}
	s.dispatch(s.handlers, &call{Call: c, s: s})
}

// openControl makes the control socket at the first place that works: see
// [control.Places]. Called as supervisord, of which many may run, there is only the first.
// Without any the programs run, but nobody can ask for them.
func (s *Supervisor) openControl() {
	places := control.Places(s.cfg.Slipway.Runtime, s.opts.UID, s.k.PIDNamespace())
	if s.opts.Mode != Run {
		places = places[:1]
	}
	if !s.server.Listen(places, s.opts.UID) && s.opts.Mode == Run {
		s.log.Warn("nowhere to listen for slipway status and the like (tried ", strings.Join(places, ", "), "): they will not work")
	}
}
