package events

import (
	"bytes"
	"strconv"
)

// ListenerState is where a listener process stands in the protocol.
type ListenerState uint8

// The states of a listener, with Supervisor's numbers where it shows them.
//
//	Acknowledged --READY\n--> Ready --Send--> Busy --whole RESULT--> Acknowledged
//
// Whatever does not fit leads to Unknown, which only a new process leaves.
const (
	Acknowledged ListenerState = iota
	Ready
	Busy
	Unknown
)

// String is Supervisor's name of the state.
func (s ListenerState) String() string {
	return [...]string{"ACKNOWLEDGED", "READY", "BUSY", "UNKNOWN"}[s]
}

// OutcomeKind tells what a listener's output meant.
type OutcomeKind uint8

// The kinds of outcomes.
const (
	BecameReady OutcomeKind = iota
	Handled                 // RESULT with OK
	Rejected                // RESULT with anything else: requeue the envelope
	BadResult               // unreadable result line: requeue, listener is Unknown
	Violated                // output that does not belong there, listener is Unknown
)

// Outcome is one step of the protocol. Envelope is set for Handled, Rejected and
// BadResult, Line for BadResult, Body for Rejected: another result handler than the
// default one may take it for an answer.
type Outcome struct {
	Kind     OutcomeKind
	Envelope *Envelope
	Line     []byte
	Body     []byte
}

const (
	readyToken   = "READY\n"
	resultToken  = "RESULT "
	resultOK     = "OK"
	maxResult    = 1 << 20 // bytes of a result body that are believed
	maxResultRow = 1 << 10 // bytes of a result line without its end
)

// Listener is the protocol side of one listener process. The zero value is a
// process that has just been started.
type Listener struct {
	state   ListenerState
	sent    *Envelope
	in      []byte
	pending int // bytes of result body still to come, valid if inBody
	inBody  bool
}

// State is where the listener stands.
func (l *Listener) State() ListenerState { return l.state }

// Send notes that e was written to the listener, which must be Ready.
func (l *Listener) Send(e *Envelope) {
	l.state, l.sent = Busy, e
}

// Gone returns the envelope that the listener had not answered when its process
// ended, or nil, and makes it a fresh listener.
func (l *Listener) Gone() *Envelope {
	e := l.sent
	*l = Listener{}
	return e
}

// Feed takes what the listener printed and returns the steps it means, in order.
func (l *Listener) Feed(p []byte) []Outcome {
	if l.state == Unknown {
		return nil
	}
	l.in = append(l.in, p...)
	var out []Outcome
	for {
		o, ok := l.step()
		if !ok {
			return out
		}
		out = append(out, o)
		if l.state == Unknown {
			l.in = nil
			return out
		}
	}
}

// step makes one step of the protocol if the input suffices for one.
func (l *Listener) step() (Outcome, bool) {
	switch {
	case len(l.in) == 0:
		return Outcome{}, false
	case l.state == Acknowledged:
		if len(l.in) < len(readyToken) {
			return Outcome{}, false
		}
		if !bytes.HasPrefix(l.in, []byte(readyToken)) {
			return l.violate()
		}
		l.in = l.in[len(readyToken):]
		l.state = Ready
		return Outcome{Kind: BecameReady}, true
	case l.state == Busy:
		return l.result()
	default: // Ready listeners keep silent
		return l.violate()
	}
}

func (l *Listener) violate() (Outcome, bool) {
	l.state = Unknown
	return Outcome{Kind: Violated}, true
}

// result reads a result line, then its body.
func (l *Listener) result() (Outcome, bool) {
	if !l.inBody {
		end := bytes.IndexByte(l.in, '\n')
		if end < 0 && len(l.in) <= maxResultRow {
			return Outcome{}, false
		}
		line := l.in
		if end >= 0 {
			line = l.in[:end]
		}
		n, ok := resultLen(line)
		if end < 0 || !ok {
			o := Outcome{Kind: BadResult, Envelope: l.sent, Line: bytes.Clone(line)}
			l.state, l.sent = Unknown, nil
			return o, true
		}
		l.in, l.pending, l.inBody = l.in[end+1:], n, true
	}
	if len(l.in) < l.pending {
		return Outcome{}, false
	}
	o := Outcome{Kind: Rejected, Envelope: l.sent}
	if string(l.in[:l.pending]) == resultOK {
		o.Kind = Handled
	} else {
		o.Body = bytes.Clone(l.in[:l.pending])
	}
	l.in = l.in[l.pending:]
	l.inBody, l.sent, l.state = false, nil, Acknowledged
	return o, true
}

// resultLen reads the length from a result line. The original looks only at what
// follows the first seven bytes; a line that does not say RESULT is still a
// protocol error there, since its seven bytes seldom end before a number.
func resultLen(line []byte) (int, bool) {
	if !bytes.HasPrefix(line, []byte(resultToken)) {
		return 0, false
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(line[len(resultToken):])))
	return n, err == nil && n >= 0 && n <= maxResult
}
