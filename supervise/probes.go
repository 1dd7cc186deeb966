package supervise

import (
	"strings"
	"syscall"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/machine"

	"golang.org/x/sys/unix"
)

// Times of probing that no option sets.
const (
	// firstLook is when a started program is first asked whether it is ready. The
	// pauses double up to ready_interval: most programs are up long before that.
	firstLook = 50 * time.Millisecond
	// readyAnswer is how long the answer to a ready probe may take.
	readyAnswer = 5 * time.Second
	// answerKept bounds what is kept of a probe's output, in bytes.
	answerKept = 256
)

// probing is what is known of the current incarnation of a process beyond its being
// there. The zero probing is that of a process that does not run.
type probing struct {
	ready   bool // the ready probe has succeeded
	health  health
	tries   int       // ready probes so far
	fails   int       // health probes that have failed in a row
	why     string    // the last answer that was a failure
	limit   time.Time // of ready_timeout; zero: none
	proof   time.Time // a reload has to prove itself, from then on; zero: none has
	due     time.Time // of the next look, or of the end of the one under way; zero: never
	doubted bool      // somebody else has said that it is ready
	notify  int       // what a program says on that it is ready, our fd + 1; 0: none
}

// health is the judgement of the health probe.
type health uint8

const (
	healthNone health = iota
	healthStarting
	healthy
	unhealthy
)

func (h health) String() string {
	return [...]string{"", "starting", "healthy", "unhealthy"}[h]
}

// question is one probe under way: a child in a process group of its own. A process
// has at most one, over all its incarnations.
type question struct {
	p       *process
	pid     int
	gen     uint64 // of the incarnation that it is about
	began   time.Time
	isReady bool // the ready probe, else the health probe
	overdue bool // killed
	fd      int  // its output; -1: closed
	answer  []byte
}

// asksReady reports whether a probe says when p is ready, and not p itself.
func (p *process) asksReady() bool {
	return p.cfg.Ready != "" && !p.notifies()
}

// notifies reports whether the program says itself when it is ready.
func (p *process) notifies() bool {
	return strings.HasPrefix(p.cfg.Ready, "fd:") || p.cfg.Ready == readyNotify
}

// readyNotify is ready= of a program that calls sd_notify(3).
const readyNotify = "notify"

// isReady reports whether p does what it is for: its ready probe has succeeded, or
// without one it is RUNNING.
func (p *process) isReady() bool {
	if p.cfg.Ready == "" {
		return p.m.State == machine.Running
	}
	return p.probing.ready && (p.m.State == machine.Running || p.m.State == machine.Starting)
}

// beginProbing starts over for an incarnation that was just forked.
func (s *Supervisor) beginProbing(p *process) {
	p.probing = probing{notify: p.probing.notify}
	if p.cfg.Ready == "" {
		return
	}
	now := s.k.Now()
	if p.cfg.ReadyTimeout > 0 {
		p.probing.limit = now.Add(p.cfg.ReadyTimeout)
	}
	switch {
	case p.asksReady():
		s.look(p, now.Add(firstLook))
	case p.cfg.ReadyTimeout > 0:
		s.look(p, p.probing.limit)
	}
}

// probeState follows the changes of state: health is asked for while a process is up
// and ready, and nothing of one that is not up.
func (s *Supervisor) probeState(p *process) {
	switch p.m.State {
	case machine.Running:
		if p.isReady() {
			s.beginHealth(p)
		}
	case machine.Starting:
	default:
		s.endProbing(p)
	}
}

// beginHealth asks for the first time how p is.
func (s *Supervisor) beginHealth(p *process) {
	if p.cfg.Health.Probe == "" || p.probing.health != healthNone {
		return
	}
	p.probing.health = healthStarting
	s.look(p, s.k.Now())
}

// endProbing forgets what is known of an incarnation that is over.
func (s *Supervisor) endProbing(p *process) {
	s.closeNotify(p)
	p.probing = probing{}
	if q := p.asking; q != nil {
		s.giveUp(q)
	}
}

// look sets the time of the next look.
func (s *Supervisor) look(p *process, at time.Time) {
	if limit := p.probing.limit; !limit.IsZero() && limit.Before(at) {
		at = limit
	}
	p.probing.due = at
	s.timers.add(timer{at: at, kind: timerProbe, p: p, gen: p.m.Gen})
}

// lookNow is the timer of a look.
func (s *Supervisor) lookNow(p *process) {
	p.probing.due = time.Time{}
	switch {
	case s.phase != phaseRunning:
	case p.asking != nil:
		s.giveUp(p.asking) // its end is the answer
		if p.asking.gen != p.m.Gen {
			p.probing.due = s.k.Now() // to its former incarnation: look then
		}
	case s.isLate(p):
		s.notReady(p)
	case p.asksReady() && (!p.probing.ready || p.cfg.Health.Probe == ""):
		s.ask(p, true)
	case p.cfg.Health.Probe != "":
		s.ask(p, false)
	default:
		p.probing.proof = time.Time{} // nobody to ask: it has stayed up, that is all
		s.dirty = true
	}
}

func (s *Supervisor) isLate(p *process) bool {
	return !p.probing.limit.IsZero() && !s.k.Now().Before(p.probing.limit)
}

// ask starts a probe.
func (s *Supervisor) ask(p *process, isReady bool) {
	q := &question{p: p, gen: p.m.Gen, began: s.k.Now(), isReady: isReady, fd: -1}
	spec, limit := p.cfg.Health.Probe, p.cfg.Health.Timeout
	if isReady {
		spec, limit = p.cfg.Ready, readyAnswer
	}
	cmd, failure := s.probeCommand(p, spec)
	if failure.text != "" {
		s.answered(q, failure.text)
		return
	}
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	out := -1
	if err == nil {
		defer s.k.Close(null)
		q.fd, out, err = s.k.OutputPipe()
	}
	if err == nil {
		defer s.k.Close(out)
		cmd.Files = []int{null, out, out}
		q.pid, err = s.k.Spawn(cmd)
	}
	if err != nil {
		if q.fd >= 0 {
			s.k.Close(q.fd)
		}
		if kernel.IsTransient(err) { // says nothing about the program
			s.look(p, s.k.Now().Add(s.pause(p, q)))
			return
		}
		s.answered(q, "cannot execute "+cmd.Path+": "+errnoName(err))
		return
	}
	p.asking = q
	s.watch(q.fd, q, kernel.Readable)
	s.helpers[q.pid] = func(exit kernel.Exit) { s.questionEnded(q, exit) }
	s.look(p, q.began.Add(limit))
}

// probeCommand is the command that asks: a shell for exec: as the program itself would
// run it, else slipway, because nothing in here can resolve a name or speak HTTP.
func (s *Supervisor) probeCommand(p *process, spec string) (*kernel.Command, spawnFailure) {
	if command, ok := strings.CutPrefix(spec, "exec:"); ok {
		cmd := &kernel.Command{
			Path: "/bin/sh", Argv: []string{"sh", "-c", strings.TrimSpace(command)},
			Dir: p.cfg.Directory, Umask: p.cfg.Umask, Env: s.environ(p),
		}
		return cmd, s.identity(p, cmd)
	}
	env := append(boot.Without(s.opts.Environ, boot.EnvProbe), boot.EnvProbe+"="+spec)
	return &kernel.Command{Path: s.slipway(), Argv: []string{boot.Slipway, boot.Probe}, Umask: -1, Env: env}, spawnFailure{}
}

// ready implements source: a probe says something. Most of it is of no interest, but
// it must not wait for a reader.
func (q *question) ready(s *Supervisor, fd int, _ kernel.Mode) {
	n, err := s.k.Read(fd, s.buf)
	q.answer = append(q.answer, s.buf[:max(n, 0)]...)
	if over := len(q.answer) - answerKept; over > 0 {
		q.answer = append(q.answer[:0], q.answer[over:]...)
	}
	if n <= 0 && !isAgain(err) {
		s.closeQuestion(q)
	}
}

func (s *Supervisor) closeQuestion(q *question) {
	if q.fd >= 0 {
		s.unwatch(q.fd)
		s.k.Close(q.fd)
		q.fd = -1
	}
}

// giveUp kills a probe with all that it has started.
func (s *Supervisor) giveUp(q *question) {
	q.overdue = true
	s.k.Kill(-q.pid, syscall.SIGKILL)
}

// questionEnded is the end of a probe. What it leaves behind in its group ends with it.
func (s *Supervisor) questionEnded(q *question, exit kernel.Exit) {
	s.k.Kill(-q.pid, syscall.SIGKILL)
	if q.fd >= 0 {
		q.ready(s, q.fd, kernel.Readable)
	}
	s.closeQuestion(q)
	p := q.p
	p.asking = nil
	if q.gen != p.m.Gen || !isUp(p) || s.phase != phaseRunning {
		if !p.probing.due.IsZero() {
			s.look(p, p.probing.due) // an answer that was about the former incarnation
		}
		return
	}
	s.answered(q, q.reason(exit))
}

func isUp(p *process) bool { return p.m.State == machine.Running || p.m.State == machine.Starting }

// reason is why a probe has failed; "" if it has not.
func (q *question) reason(exit kernel.Exit) string {
	if q.overdue {
		return "no answer in time"
	}
	if (exit == kernel.Exit{}) {
		return ""
	}
	text := strings.TrimSpace(string(q.answer))
	text = strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if text == "" {
		text = statusText(machine.Status(exit))
	}
	return text
}

// pause is how long to wait until the next look after a probe.
func (s *Supervisor) pause(p *process, q *question) time.Duration {
	if !q.isReady {
		return max(p.cfg.Health.Interval, firstLook)
	}
	longest := p.cfg.ReadyInterval
	if longest <= 0 {
		longest = time.Second
	}
	if p.probing.tries > 8 {
		return longest
	}
	return min(firstLook<<p.probing.tries, longest)
}

// answered draws the conclusion from a probe; why is "" if it has succeeded.
func (s *Supervisor) answered(q *question, why string) {
	p := q.p
	s.dirty = true
	if s.log.Enabled(logs.Debug) {
		s.log.Debug("probe of ", p.name(), ": ", orOK(why))
	}
	proved := why == "" && !q.began.Before(p.probing.proof)
	if proved {
		p.probing.proof, p.probing.limit = time.Time{}, time.Time{}
	}
	if why != "" && (!q.overdue || p.probing.why == "") { // cut short by ready_timeout, it says nothing
		p.probing.why = why
	}
	if !q.isReady {
		s.judgeHealth(q, why)
		return
	}
	switch {
	case proved:
		s.becomeReady(p)
	case why != "" && s.isLate(p):
		s.notReady(p)
	default:
		p.probing.tries++
		s.look(p, s.k.Now().Add(s.pause(p, q)))
	}
}

func orOK(why string) string {
	if why == "" {
		return "ok"
	}
	return why
}

// judgeHealth counts an answer of the health probe. A change of the judgement is worth
// a line, and to be ill also what health_action says.
func (s *Supervisor) judgeHealth(q *question, why string) {
	p := q.p
	next := s.k.Now().Add(s.pause(p, q))
	if proof := p.probing.proof; why == "" && !proof.IsZero() {
		next = proof
	}
	s.look(p, next) // without effect if p is stopped below
	if why == "" {
		p.probing.fails = 0
		if p.probing.health == unhealthy {
			s.log.Info("healthy: ", p.name(), " has recovered")
		}
		p.probing.health = healthy
		s.feed(p, machine.Event{Kind: machine.Proved, Gen: q.gen})
		return
	}
	p.probing.fails++
	if p.probing.fails < max(p.cfg.Health.Retries, 1) || p.probing.health == unhealthy {
		return
	}
	p.probing.health = unhealthy
	text := itoa(p.probing.fails) + " health checks have failed in a row, the last: " + why
	s.log.Warn("unhealthy: ", p.name(), " (", text, ")")
	switch p.cfg.Health.Action {
	case "none":
	case "shutdown":
		s.shutdown(ending{code: exitDeadline, reason: p.name() + " is unhealthy (health_action=shutdown)"}, false)
	default:
		s.failed(p, text)
	}
}

// becomeReady notes that p is ready, for the first time in this incarnation or again
// after a reload.
func (s *Supervisor) becomeReady(p *process) {
	again := p.probing.ready
	p.probing.ready, p.probing.limit, p.probing.due = true, time.Time{}, time.Time{}
	s.dirty = true
	if again {
		return
	}
	s.log.Info("ready: ", p.name())
	s.feed(p, machine.Event{Kind: machine.Proved, Gen: p.m.Gen})
	if p.m.State == machine.Running {
		s.beginHealth(p)
	}
	s.restartOthers(p)
}

// notReady is the end of ready_timeout.
func (s *Supervisor) notReady(p *process) {
	text := "not ready within " + p.cfg.ReadyTimeout.String()
	if p.probing.why != "" {
		text += ", the last answer: " + p.probing.why
	}
	s.log.Warn("failed: ", p.name(), " (", text, ")")
	s.failed(p, text)
}

// failed treats a process that is up like one whose start has failed.
func (s *Supervisor) failed(p *process, text string) {
	p.failure = spawnFailure{text: text, code: exitDeadline}
	s.feed(p, machine.Event{Kind: machine.Failed, Gen: p.m.Gen, Text: text})
}

// prove asks for a proof that p has survived a reload: it is ready only when it has
// stayed up for startsecs since, and its probe, begun after that, succeeds.
func (s *Supervisor) prove(p *process) {
	p.probing.proof = s.k.Now().Add(p.spec.StartSecs)
	p.probing.fails = 0
	if p.asksReady() && p.cfg.ReadyTimeout > 0 {
		p.probing.limit = p.probing.proof.Add(p.cfg.ReadyTimeout)
	}
	if p.probing.health == unhealthy {
		p.probing.health = healthStarting
	}
	if p.asking == nil { // else its end looks again
		s.look(p, p.probing.proof)
	}
}

// restartOthers restarts what says restart_with a process that was restarted, now that
// it can be used again.
func (s *Supervisor) restartOthers(p *process) {
	if p.m.Gen < 2 || s.phase != phaseRunning {
		return
	}
	s.each(func(other *process) {
		if other == p || !isUp(other) || other.m.Started.After(p.m.Started) || !other.restartsWith(p) {
			return
		}
		s.log.Info("restarting ", other.name(), " because ", p.name(), " was restarted (restart_with)")
		s.feed(other, machine.Event{Kind: machine.Renew})
	})
}

func (p *process) restartsWith(other *process) bool {
	for _, name := range p.cfg.RestartWith {
		if other.is(name) {
			return true
		}
	}
	return false
}

// readyUp says whether a process is ready, or can no longer become so.
func readyUp(p *process) (f *control.Fault, ok bool) {
	f, ok = startedUp(p)
	switch {
	case ok && f != nil:
		return f, true
	case p.probing.health == unhealthy:
		return control.NewFault(control.Failed, p.fullName()+" is unhealthy"), true
	case !p.isReady() || !p.probing.proof.IsZero():
		return nil, false
	case p.cfg.Ready == "" && p.cfg.Health.Probe != "":
		return nil, p.probing.health == healthy
	}
	return nil, true
}

// isProbed reports whether a probe decides that a start was a success.
func isProbed(c *config.Process) bool {
	return c.Ready != "" || c.Health.Probe != "" && c.Health.Action != "none"
}
