package supervise

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
)

// drainLimit is how much is read from the pipe of a process that has died before
// the loop goes on: more than any pipe holds, unless somebody is still writing.
const drainLimit = 4 << 20

// maxLate is how many channels of former incarnations of one channel are read on
// because a descendant still holds the pipe. The oldest beyond that is closed.
const maxLate = 4

// channel is one output channel of one incarnation of a process: the pipe that its
// program writes to, and the way of what comes out of it. It ends when the last
// holder closes the pipe, which may be long after the program died, and has no say
// in the state of the process.
type channel struct {
	s      *Supervisor
	p      *process
	fd     int // -1: closed, or none because the program inherited its descriptor
	stream *logs.Stream
	stderr bool
	ended  bool // its incarnation is over
	paused bool // not watched, because its target is full
	pace   logs.Pace
	late   *channel // of an earlier incarnation, still open
}

// logfile returns the path of an output, and whether it is for its owner only.
func logfile(o config.Output, auto string) (path string, private bool) {
	if o.Logfile == config.AutoLog {
		return auto, true
	}
	return o.Logfile, false
}

// open makes the three descriptors of a command. ends are those to close after the
// fork.
func (s *Supervisor) open(p *process, c *kernel.Command) (ends []int, err error) {
	if p.inherit {
		c.Files = []int{0, 1, 2}
		c.Foreground = s.k.IsTerminal(0)
		return nil, nil
	}
	in, err := s.input(p)
	if err != nil {
		return nil, err
	}
	if p.stdin >= 0 {
		ends = append(ends, in)
	}
	fail := func(err error) ([]int, error) {
		for _, fd := range ends {
			s.k.Close(fd)
		}
		s.closeStdin(p)
		return nil, err
	}
	c.Files = append(c.Files, in)
	out, own, err := s.output(p, &p.out, p.cfg.Stdout, false, p.autoOut)
	if err != nil {
		return fail(err)
	}
	if own {
		ends = append(ends, out)
	}
	c.Files = append(c.Files, out)
	if p.cfg.RedirectStderr {
		c.Files = append(c.Files, out)
		return ends, nil
	}
	errFD, own, err := s.output(p, &p.err, p.cfg.Stderr, true, p.autoErr)
	if err != nil {
		return fail(err)
	}
	if own {
		ends = append(ends, errFD)
	}
	c.Files = append(c.Files, errFD)
	return ends, nil
}

// input makes the read end of standard input: a pipe that nobody writes to, as in
// Supervisor, or the socket of an fcgi-program.
func (s *Supervisor) input(p *process) (int, error) {
	if p.group.cfg.Kind == config.KindFCGI && p.group.cfg.Socket != nil {
		return s.fcgiSocket(p.group)
	}
	r, w, err := s.k.InputPipe()
	if err == nil {
		p.stdin = w
	}
	return r, err
}

// output makes the write end of one channel; own says that it is to be closed.
func (s *Supervisor) output(p *process, at **channel, o config.Output, stderr bool, auto string) (fd int, own bool, err error) {
	path, private := logfile(o, auto)
	if p.group.pool != nil && !stderr && logs.IsStdio(path) {
		path = "" // what a listener says is for us
	}
	spec := logs.Spec{
		Process: p.name(), Logfile: path, Private: private,
		Rotation: logs.Rotation{Maxbytes: o.Maxbytes, Backups: o.Backups},
		Syslog:   o.Syslog, CaptureMaxbytes: o.CaptureMaxbytes, StripANSI: s.cfg.Supervisord.StripANSI,
	}
	hooks, watched := s.hooks(p, o, stderr)
	if s.direct(o) {
		if fd := spec.Inherit(watched); fd != 0 {
			return fd, false, nil
		}
	}
	r, w, err := s.k.OutputPipe()
	if err != nil {
		return -1, false, err
	}
	ch := &channel{s: s, p: p, fd: r, stderr: stderr, stream: s.targets.Stream(spec, hooks), late: stillOpen(*at)}
	if err := s.loop.Own(r, ch, kernel.Readable); err != nil {
		s.k.Close(r)
		s.k.Close(w)
		ch.stream.Close()
		return -1, false, err
	}
	*at = ch
	s.trimLate(ch)
	return w, true, nil
}

// direct reports whether a program may write to the container's output itself: when
// nobody else does, or when the file asks for it by the idiom that keeps Supervisor
// from touching it (maxbytes=0).
func (s *Supervisor) direct(o config.Output) bool {
	n := 0
	for _, g := range s.groups {
		n += len(g.processes)
	}
	return n == 1 || logs.IsStdio(o.Logfile) && o.Maxbytes == 0
}

// stillOpen returns the newest channel of a chain that is open, and takes the closed
// ones out of it.
func stillOpen(ch *channel) *channel {
	for ch != nil && ch.fd < 0 {
		ch = ch.late
	}
	if ch != nil {
		ch.late = stillOpen(ch.late)
	}
	return ch
}

func (s *Supervisor) trimLate(ch *channel) {
	n := 0
	for c := ch; c.late != nil; c = c.late {
		if n++; n > maxLate {
			s.closeChannel(c.late)
			c.late = nil
			return
		}
	}
}

// OnReadable implements loop.FDOwner.
func (ch *channel) OnReadable(_ int, _ kernel.Mode) {
	s := ch.s
	n := s.read(ch, len(s.loop.Buffer()))
	if ch.p.group.pool == nil || ch.stderr { // a listener's answers are waited for
		s.rest(ch, ch.pace.After(n, len(s.loop.Buffer()), s.k.Now()))
	}
}

// rest does not watch a channel for a moment, while its pipe fills.
func (s *Supervisor) rest(ch *channel, d time.Duration) {
	if d == 0 || ch.fd < 0 || ch.paused {
		return
	}
	if len(s.resting) == 0 {
		s.loop.After(&s.throttle, d, s.rested)
	}
	s.resting = append(s.resting, ch)
	s.loop.Pause(ch.fd)
	s.k.Enlarge(ch.fd) // or its program would wait for us
}

// rested watches the channels again that rest.
func (s *Supervisor) rested() {
	for i, ch := range s.resting {
		if ch.fd >= 0 && !ch.paused {
			s.loop.Resume(ch.fd)
		}
		s.resting[i] = nil
	}
	s.resting = s.resting[:0]
}

// read passes on up to limit bytes, in pieces of the loop's buffer, and returns how many.
func (s *Supervisor) read(ch *channel, limit int) (total int) {
	for limit > 0 && ch.fd >= 0 {
		n, err := s.k.Read(ch.fd, s.loop.Buffer())
		if n > 0 {
			ch.stream.Feed(s.loop.Buffer()[:n])
			if len(s.followers) > 0 {
				s.follow(ch, s.loop.Buffer()[:n])
			}
			limit -= n
			total += n
		}
		if err != nil {
			if !isAgain(err) { // the last holder has closed it
				s.closeChannel(ch)
			}
			break
		}
		if n < len(s.loop.Buffer()) {
			break // a pipe that had more would have given more
		}
	}
	if ch.fd >= 0 && !ch.paused && ch.stream.Full() {
		ch.paused = true
		s.loop.Pause(ch.fd)
		s.paused = append(s.paused, ch)
	}
	return total
}

// resume reads on where a target has room again.
func (s *Supervisor) resume() {
	still := s.paused[:0]
	for _, ch := range s.paused {
		switch {
		case ch.fd < 0:
		case ch.stream.Full():
			still = append(still, ch)
		default:
			ch.paused = false
			s.loop.Resume(ch.fd)
		}
	}
	s.paused = still
}

// drain reads what a program has written before it died.
func (s *Supervisor) drain(p *process) {
	for _, ch := range []*channel{p.out, p.err} {
		if ch == nil || ch.fd < 0 {
			continue
		}
		s.read(ch, drainLimit)
		ch.ended = true
		ch.stream.Flush()
	}
}

// closeChannel ends a channel.
func (s *Supervisor) closeChannel(ch *channel) {
	if ch.fd < 0 {
		return
	}
	s.loop.Disown(ch.fd)
	s.k.Close(ch.fd)
	ch.fd = -1
	ch.stream.Close()
}

func (s *Supervisor) closeStdin(p *process) {
	if p.stdin >= 0 {
		s.loop.Disown(p.stdin)
		s.k.Close(p.stdin)
		p.stdin, p.input = -1, nil
	}
}
