package supervise

import (
	"syscall"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/probe"

	"golang.org/x/sys/unix"
)

// spawnFailure is why a process could not be started. The zero value means that it
// could.
type spawnFailure struct {
	text      string // Supervisor's spawnerr
	code      int    // exit status of a shell: 127 not found, 126 not executable, 1 else
	transient bool   // the machine's fault
}

// spawn forks a process and tells the state machine how that went.
func (s *Supervisor) spawn(p *process) {
	gen := p.m.Gen
	pid, failure := s.fork(p)
	p.failure = failure
	if failure.text != "" {
		s.log.Info("spawnerr: ", failure.text)
		s.feed(p, machine.Event{Kind: machine.SpawnFailed, Gen: gen, Text: failure.text, Transient: failure.transient})
		return
	}
	p.pgid = pid
	s.own(pid, p)
	s.feedProbe(p, probe.Event{Kind: probe.Begun, Gen: gen})
	s.log.Info("spawned: ", quote(p.name()), " with pid ", itoa(pid))
	s.feed(p, machine.Event{Kind: machine.Spawned, Gen: gen, PID: pid})
}

func (s *Supervisor) fork(p *process) (int, spawnFailure) {
	path, failure := s.resolve(p)
	if failure.text != "" {
		return 0, failure
	}
	c := &kernel.Command{Path: path, Argv: p.cfg.Argv, Dir: p.cfg.Directory, Umask: p.cfg.Umask}
	if failure := s.identity(p, c); failure.text != "" {
		return 0, failure
	}
	c.Env = s.environ(p)
	ends, err := s.open(p, c)
	if err == nil && p.notifies() {
		var end int
		if end, err = s.openNotify(p, c); err == nil && end >= 0 {
			ends = append(ends, end)
		}
	}
	if err != nil {
		for _, fd := range ends {
			s.k.Close(fd)
		}
		s.closeStdin(p)
		return 0, spawnFailure{text: pipeError(p, err), code: 1, transient: kernel.IsTransient(err)}
	}
	pid, err := s.k.Spawn(c)
	for _, fd := range ends {
		s.k.Close(fd)
	}
	if err == nil {
		return pid, spawnFailure{}
	}
	s.closeStdin(p)
	return 0, forkFailure(p, path, err)
}

func pipeError(p *process, err error) string {
	if err == syscall.EMFILE || err == syscall.ENFILE {
		return "too many open files to spawn " + quote(p.name())
	}
	return "unknown error making dispatchers for " + quote(p.name()) + ": " + errnoName(err)
}

// forkFailure says what a failed Spawn means. Fork and exec fail with the same
// numbers; those that only a full machine gives are the fork's.
func forkFailure(p *process, path string, err error) spawnFailure {
	f := spawnFailure{code: 1, transient: kernel.IsTransient(err)}
	switch err {
	case syscall.EAGAIN:
		f.text = "Too many processes in process table to spawn " + quote(p.name())
	case syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE:
		f.text = "unknown error during fork for " + quote(p.name()) + ": " + errnoName(err)
	case syscall.EPERM:
		f.text, f.code = "no permission to run command "+quote(path), 126
	case syscall.ENOENT: // the interpreter of a script, or of a dynamic executable
		f.text, f.code = "couldn't exec "+path+": ENOENT (its interpreter does not exist)", 127
	default:
		f.text, f.code = "couldn't exec "+path+": "+errnoName(err), 126
	}
	return f
}

// resolve finds the file of a process's command, by Supervisor's rules and with
// its texts: the first file on PATH that exists is it, executable or not.
func (s *Supervisor) resolve(p *process) (string, spawnFailure) {
	switch {
	case p.cfg.ArgvErr != "":
		return "", spawnFailure{text: "can't parse command " + quote(p.cfg.Command) + ": " + p.cfg.ArgvErr, code: 127}
	case len(p.cfg.Argv) == 0:
		return "", spawnFailure{text: "command is empty", code: 127}
	}
	word := p.cfg.Argv[0]
	path, found := config.FindCommand(word, s.searchPath(p), s.exists)
	if !found {
		return "", spawnFailure{text: "can't find command " + quote(word), code: 127}
	}
	info, err := s.k.Stat(path)
	if err != nil {
		return "", spawnFailure{text: "can't find command " + quote(word), code: 127}
	}
	switch {
	case info.IsDir():
		return "", spawnFailure{text: "command at " + quote(path) + " is a directory", code: 126}
	case info.Mode&0o111 == 0:
		return "", spawnFailure{text: "command at " + quote(path) + " is not executable", code: 126}
	case s.k.MayExecute(path) != nil:
		return "", spawnFailure{text: "no permission to run command " + quote(path), code: 126}
	}
	return path, spawnFailure{}
}

// exists reports whether there is a file, or what a link leads to.
func (s *Supervisor) exists(path string) bool {
	_, err := s.k.Stat(path)
	return err == nil
}

// searchPath is the PATH in which the command of p is looked for.
func (s *Supervisor) searchPath(p *process) string {
	return p.cfg.CommandPath(func(name string) (string, bool) { return boot.Lookup(s.opts.Environ, name) })
}

// identity sets who and where a command runs. Both are looked at before the fork:
// afterwards one error number would stand for any of the steps.
func (s *Supervisor) identity(p *process, c *kernel.Command) spawnFailure {
	if u := p.cfg.User; u != nil && u.UID != s.opts.UID {
		if s.opts.UID != 0 {
			return spawnFailure{text: "couldn't setuid to " + itoa(u.UID) + ": Can't drop privilege as nonroot user", code: 126}
		}
		c.Credential = &kernel.Credential{UID: u.UID, GID: u.GID, Groups: u.Groups}
	}
	if c.Dir == "" {
		return spawnFailure{}
	}
	info, err := s.k.Stat(c.Dir)
	if err == nil && !info.IsDir() {
		err = unix.ENOTDIR
	}
	if err != nil {
		return spawnFailure{text: "couldn't chdir to " + c.Dir + ": " + errnoName(err), code: 126}
	}
	return spawnFailure{}
}

// environ is the environment of a process.
func (s *Supervisor) environ(p *process) []string {
	return p.cfg.Environ(config.Inherited{Environ: s.opts.Environ, Secrets: s.opts.Secrets, ServerURL: s.cfg.ServerURL})
}

// errnoName is the symbolic name of an error number.
func errnoName(err error) string {
	if e, ok := err.(syscall.Errno); ok {
		if name := unix.ErrnoName(e); name != "" {
			return name
		}
	}
	return err.Error()
}
