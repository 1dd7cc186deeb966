package bus

import "slipway/supervise/events"

// Printer is an output of a process, and what it is watched for.
type Printer struct {
	About  func() events.Process
	Stderr bool
	// Events asks for PROCESS_LOG events, Captures for those of captured text.
	Events, Captures bool
	// Pool and Member are those of a listener whose answers these are; nil: of none.
	Pool   *Pool
	Member *Member
	// Debug is told first of all that is printed; may be nil.
	Debug func(p []byte)
}

// Hooks are to be told what the output prints, and what it captures; nil: nobody wants that.
func (b *Bus) Hooks(o Printer) (chunk, captured func(p []byte)) {
	listens := o.Member != nil
	if o.Debug != nil || listens || o.Events {
		chunk = func(p []byte) {
			if o.Debug != nil {
				o.Debug(p)
			}
			switch {
			case listens:
				b.Heard(o.Pool, o.Member, p)
			case o.Events && b.Wants(logEvent(o.Stderr)):
				b.Emit(events.Log(o.About(), o.Stderr, p))
			}
		}
	}
	if o.Captures && !listens {
		captured = func(p []byte) { b.Emit(events.Communication(o.About(), o.Stderr, p)) }
	}
	return chunk, captured
}

func logEvent(stderr bool) events.Type {
	if stderr {
		return events.ProcessLogStderr
	}
	return events.ProcessLogStdout
}
