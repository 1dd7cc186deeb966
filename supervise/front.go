package supervise

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/machine"

	"golang.org/x/sys/unix"
)

// frontPause is how long connections wait when the HTTP front has ended with an error,
// so that a front that cannot run is not started over and over.
const frontPause = 2 * time.Second

// front is the HTTP side, a process of its own: `slipway serve`. The supervisor holds
// its listening sockets and starts it when somebody connects; when nobody is connected
// it ends by itself. Where the supervisor is root, the front is nobody: all it needs are
// the descriptors that it is given.
type front struct {
	s         *Supervisor
	again     loop.Timer
	listeners []*listener
	pid       int   // 0: not running
	said      bool  // that it cannot be nobody
	peer      *peer // its control connection
}

// listener is one listening socket of a server section.
type listener struct {
	s    *Supervisor
	fd   int
	path string // of a unix socket, to be removed; "": none
	info control.ServerInfo
}

// openFront binds the sockets of all server sections.
func (s *Supervisor) openFront() error {
	rpc := false
	for _, r := range s.cfg.RPCInterfaces {
		rpc = rpc || r.Name == "supervisor"
	}
	for i := range s.cfg.Servers {
		srv := &s.cfg.Servers[i]
		l := &listener{s: s, info: control.ServerInfo{
			Section: srv.Section, Unix: srv.Unix, Username: srv.Username, Password: srv.Password, NoRPC: !rpc,
		}}
		var err error
		if srv.Unix {
			l.info.Address, l.path = srv.File, srv.File
			l.fd, err = s.k.ListenUnix(srv.File, uint32(srv.Chmod), srv.ChownUID, srv.ChownGID)
		} else {
			l.info.Address = srv.Host + ":" + itoa(srv.Port)
			l.fd, err = s.k.ListenTCP(srv.Host, srv.Port)
		}
		if err != nil {
			return &listenError{srv, l.info.Address, err}
		}
		if rpc {
			s.log.Info("RPC interface 'supervisor' initialized")
		}
		if srv.Username == "" {
			level := s.log.Critical
			if srv.Unix {
				level = s.log.Info // the file mode guards it
			}
			level("Server '", srv.Section, "' running without any HTTP authentication checking")
		}
		s.front.listeners = append(s.front.listeners, l)
		if err := s.loop.Own(l.fd, l, kernel.Readable); err != nil {
			return err
		}
	}
	return nil
}

// listenError is a server section whose address cannot be had.
type listenError struct {
	srv     *config.Server
	address string
	err     error
}

func (e *listenError) Error() string {
	if e.err == kernel.ErrInUse || e.err == unix.EADDRINUSE {
		return "Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord."
	}
	return "Cannot open an HTTP server: socket.error reported errno." + errnoName(e.err) + " ([" + e.srv.Section + "] " + e.address + ")"
}

// closeFront ends the HTTP side and removes its sockets.
func (s *Supervisor) closeFront() {
	for _, l := range s.front.listeners {
		s.loop.Disown(l.fd)
		s.k.Close(l.fd)
		if l.path != "" {
			s.k.Remove(l.path)
		}
	}
	s.front.listeners = nil
	if s.front.peer != nil {
		s.front.peer.flush()
		s.disconnect(s.front.peer) // it ends when its connection does
	}
}

// OnReadable implements loop.FDOwner: somebody connects while no front is running.
func (l *listener) OnReadable(_ int, _ kernel.Mode) {
	if s := l.s; s.front.pid == 0 {
		s.startFront()
	}
}

// startFront starts the HTTP front. It accepts the connections that wait.
func (s *Supervisor) startFront() {
	for _, l := range s.front.listeners {
		s.loop.Disown(l.fd)
	}
	err := s.spawnFront()
	if err == nil {
		return
	}
	s.log.Error("cannot start the HTTP server: ", err.Error())
	s.loop.After(&s.front.again, frontPause, s.listenAgain)
}

func (s *Supervisor) spawnFront() error {
	ours, theirs, err := s.k.Pair()
	if err != nil {
		return err
	}
	defer s.k.Close(theirs)
	path := s.slipway()
	cmd := &kernel.Command{
		Path: path, Argv: []string{boot.Slipway, boot.Serve}, Env: frontEnvironment(s.opts.Environ), Umask: -1,
		Files: []int{0, 1, 2, theirs},
	}
	if s.opts.UID == 0 {
		cmd.Credential = &kernel.Credential{UID: nobody, GID: nobody}
	}
	null, err := s.k.Null()
	if err == nil {
		defer s.k.Close(null)
		cmd.Files[0] = null
	}
	for _, l := range s.front.listeners {
		cmd.Files = append(cmd.Files, l.fd)
	}
	pid, err := s.k.Spawn(cmd)
	if cmd.Credential != nil && (err == unix.EPERM || err == unix.EACCES || err == unix.EINVAL) {
		// No right to become nobody, no such user here, or nobody may not execute it.
		if !s.front.said {
			s.front.said = true
			say := s.log.Info
			if s.opts.Mode == Daemon { // the original has no such line
				say = s.log.Debug
			}
			say("the HTTP server cannot run as user ", itoa(nobody), " (", errnoName(err), "); it runs as ours")
		}
		cmd.Credential = nil
		pid, err = s.k.Spawn(cmd)
	}
	if err != nil {
		s.k.Close(ours)
		return &os.PathError{Op: "cannot execute", Path: path, Err: err}
	}
	s.front.pid = pid
	s.front.peer = s.connect(ours, true)
	began := s.k.Now()
	s.loop.OnExit(pid, func(exit kernel.Exit) { s.frontEnded(exit, began) })
	return nil
}

// nobody is the user, and the group, that owns no file: on Debian, Alpine and Red Hat.
const nobody = 65534

// frontEnvironment is what the HTTP front needs of the environment: it speaks to
// strangers, so it has nothing else that could be read out of it.
func frontEnvironment(environ []string) []string {
	var list []string
	for _, v := range environ {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "PATH", "TZ", "LANG", "LC_ALL":
			list = append(list, v)
		}
	}
	return list
}

// slipway is the executable of children that are no programs.
func (s *Supervisor) slipway() string {
	if s.opts.Slipway != "" {
		return s.opts.Slipway
	}
	self := s.k.Executable()
	if self == "" {
		return "/usr/local/bin/slipway"
	}
	return filepath.Join(filepath.Dir(self), "slipway")
}

// frontEnded waits for the next connection.
func (s *Supervisor) frontEnded(exit kernel.Exit, began time.Time) {
	s.front.pid = 0
	if s.front.peer != nil {
		s.disconnect(s.front.peer)
	}
	if (exit == kernel.Exit{}) {
		s.listenAgain()
		return
	}
	if s.phase == phaseRunning {
		s.log.Warn("the HTTP server has ended (", statusText(machine.Status(exit)), ")")
	}
	if s.k.Now().Sub(began) > frontPause {
		s.listenAgain()
		return
	}
	s.loop.After(&s.front.again, frontPause, s.listenAgain)
}

// listenAgain looks for connections, unless a front does.
func (s *Supervisor) listenAgain() {
	if s.front.pid != 0 {
		return
	}
	for _, l := range s.front.listeners {
		s.loop.Own(l.fd, l, kernel.Readable)
	}
}
