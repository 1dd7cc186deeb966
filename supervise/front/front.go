// Package front holds the HTTP side, which is a process of its own: `slipway serve`. The
// supervisor holds its listening sockets and starts it when somebody connects; when nobody
// is connected it ends by itself. Where the supervisor is root, the front is a user that
// nobody else is: all it needs are the descriptors that it is given. It may call what it
// needs to, and is replaced when it does not answer.
package front

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/boot"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/server"
	"slipway/supervise/words"
)

// pause is how long connections wait when the HTTP front has ended with an error, so that
// a front that cannot run is not started over and over.
const pause = 2 * time.Second

// Kernel is what a Front asks of the operating system. ListenUnix returns kernel.ErrInUse
// if somebody answers there. WhoListens names who it is, "" if that cannot be told.
type Kernel interface {
	WhoListens(path string, port int) string
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenTCP(host string, port int) (int, error)
	Close(fd int) error
	// Users is the map of our user namespace, and the lines of all accounts and groups.
	Users() (uidMap, accounts string)
	server.Names
}

// Log is where a Front says what people should know.
type Log interface {
	Critical(parts ...string)
	Error(parts ...string)
	Warn(parts ...string)
	Info(parts ...string)
	Debug(parts ...string)
}

// Options are what a Front is made of.
type Options struct {
	Kernel Kernel
	Loop   *loop.Loop
	Log    Log
	Server *server.Server
	Runner *child.Runner
	Maker  *child.Maker
	// AsSupervisord says only what Supervisor says.
	AsSupervisord bool
	// Running reports whether no stop is under way.
	Running func() bool
}

// Front is the HTTP side.
type Front struct {
	opts      Options
	listeners []*listener
	running   *child.Child // nil: not running
	peer      *server.Peer // its control connection; nil: none
	said      bool         // that it cannot be a stranger
	again     loop.Timer
	watch     loop.Timer // looks whether it answers
	silent    int        // how often it was found silent
}

// listener is one listening socket of a server section.
type listener struct {
	front *Front
	fd    int
	at    server.Socket // of a unix socket
	conf  config.Server
	info  control.ServerInfo
}

// New returns a Front without sockets.
func New(o Options) *Front { return &Front{opts: o} }

// Servers are the sections whose sockets are held, in the order of their descriptors in the
// front.
func (f *Front) Servers() []control.ServerInfo {
	var list []control.ServerInfo
	for _, l := range f.listeners {
		list = append(list, l.info)
	}
	return list
}

// Open binds the sockets of all server sections. rpc says that there is Supervisor's RPC
// interface; hosts are names by which the servers may be reached.
func (f *Front) Open(servers []config.Server, rpc bool, hosts []string) error {
	for i := range servers {
		srv := &servers[i]
		if !f.opts.AsSupervisord && srv.IsOpenToAll() {
			f.opts.Log.Warn("[", srv.Section, "] (", srv.Pos.String(), ") is not served: whoever reaches port ", strconv.Itoa(srv.Port),
				" could start and stop programs without a password; set username and password, or port = 127.0.0.1:", strconv.Itoa(srv.Port))
			continue
		}
		l, err := f.bind(srv)
		if err != nil {
			return err
		}
		l.info.NoRPC, l.info.Hosts = !rpc, hosts
		if f.opts.AsSupervisord && srv.Username != "" {
			// Clients may come through proxies, as with Supervisor. A page that has taken
			// a name of its own does not have the password.
			l.info.Hosts = append([]string{"*"}, hosts...)
		}
		if rpc {
			f.opts.Log.Info("RPC interface 'supervisor' initialized")
		}
		if srv.Username == "" {
			level := f.opts.Log.Critical
			if srv.Unix {
				level = f.opts.Log.Info // the file mode guards it
			}
			level("Server '", srv.Section, "' running without any HTTP authentication checking")
		}
		f.listeners = append(f.listeners, l)
		if err := f.opts.Loop.Own(l.fd, l, kernel.Readable); err != nil {
			return err
		}
	}
	return nil
}

// bind makes the listening socket of a server section.
func (f *Front) bind(srv *config.Server) (*listener, error) {
	l := &listener{front: f, conf: *srv, info: control.ServerInfo{
		Section: srv.Section, Unix: srv.Unix, Username: srv.Username, Password: srv.Password,
	}}
	var err error
	if srv.Unix {
		l.info.Address = srv.File
		l.fd, err = f.opts.Kernel.ListenUnix(srv.File, uint32(srv.Chmod), srv.ChownUID, srv.ChownGID)
	} else {
		l.info.Address = srv.Host + ":" + strconv.Itoa(srv.Port)
		l.fd, err = f.opts.Kernel.ListenTCP(srv.Host, srv.Port)
	}
	if err != nil {
		return nil, f.refused(srv, l.info.Address, err)
	}
	if srv.Unix {
		l.at = server.Made(f.opts.Kernel, srv.File)
	}
	return l, nil
}

// IsNeeded reports whether there are sockets that somebody could miss.
func (f *Front) IsNeeded() bool {
	return slices.ContainsFunc(f.listeners, func(l *listener) bool { return l.at.Path != "" })
}

// Look makes the sockets anew that somebody has removed. A front that runs has the old ones:
// it is left alone until it ends.
func (f *Front) Look() {
	for i, l := range f.listeners {
		if f.running != nil || !l.at.IsGone(f.opts.Kernel) {
			continue
		}
		made, err := f.bind(&l.conf)
		if err != nil {
			f.opts.Log.Debug(err.Error())
			continue
		}
		made.info = l.info
		f.opts.Loop.Disown(l.fd)
		f.opts.Kernel.Close(l.fd)
		f.listeners[i] = made
		f.opts.Loop.Own(made.fd, made, kernel.Readable)
		f.opts.Log.Warn("somebody has removed the socket ", l.at.Path, "; it was made anew")
	}
}

// refused is the error for a section whose address cannot be had.
func (f *Front) refused(srv *config.Server, address string, err error) *ListenError {
	e := &ListenError{Section: srv.Section, Address: address, Pos: srv.Pos, Err: err, original: f.opts.AsSupervisord}
	if e.isInUse() {
		e.Who = f.opts.Kernel.WhoListens(srv.File, srv.Port)
	}
	return e
}

// ListenError is a server section whose address cannot be had.
type ListenError struct {
	Section, Address string
	Pos              dialect.Pos // of the section
	Who              string      // listens there already; "" if that is not known, or not the cause
	Err              error
	original         bool // begins with Supervisor's words, which people search for
}

func (e *ListenError) isInUse() bool { return e.Err == kernel.ErrInUse || e.Err == unix.EADDRINUSE }

func (e *ListenError) Error() string {
	where := "[" + e.Section + "] " + e.Address
	if e.Pos.File != "" {
		where += ", " + e.Pos.String()
	}
	who := e.Who
	if who == "" {
		who = "another program"
	}
	switch {
	case !e.original && e.isInUse():
		return "cannot listen at " + e.Address + " ([" + e.Section + "], " + e.Pos.String() + "): " + who + " listens there already"
	case !e.original:
		return "cannot listen at " + e.Address + " ([" + e.Section + "], " + e.Pos.String() + "): " + words.ErrnoName(e.Err)
	case e.isInUse():
		return "Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord." +
			" (" + where + ": " + who + " listens there)"
	}
	return "Cannot open an HTTP server: socket.error reported errno." + words.ErrnoName(e.Err) + " (" + where + ")"
}

// Hint is what to do about it; "" for nothing in particular.
func (e *ListenError) Hint() string {
	switch {
	case e.isInUse():
		return "stop that program, or give the section another address"
	case e.Err == unix.EACCES || e.Err == unix.EPERM:
		return "a port below 1024 needs root or CAP_NET_BIND_SERVICE, chown CAP_CHOWN, a folder of others CAP_DAC_OVERRIDE"
	case e.Err == unix.ENOENT:
		return "create its folder in the image"
	case e.Err == unix.EADDRNOTAVAIL:
		return "no interface of this machine has that address; port = *:NUMBER listens at all of them"
	}
	return ""
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// Close ends the HTTP side and removes its sockets.
func (f *Front) Close() {
	for _, l := range f.listeners {
		f.opts.Loop.Disown(l.fd)
		f.opts.Kernel.Close(l.fd)
		l.at.Remove(f.opts.Kernel)
	}
	f.listeners = nil
	if f.peer != nil {
		f.peer.Flush()
		f.peer.Disconnect() // it ends when its connection does
	}
}

// OnReadable implements loop.FDOwner: somebody connects while no front is running.
func (l *listener) OnReadable(int, kernel.Mode) {
	if l.front.running == nil {
		l.front.start()
	}
}

// start starts the HTTP front. It accepts the connections that wait.
func (f *Front) start() {
	for _, l := range f.listeners {
		f.opts.Loop.Disown(l.fd)
	}
	if err := f.spawn(); err != nil {
		f.opts.Log.Error("cannot start the HTTP server: ", (&fs.PathError{Op: "cannot execute", Path: f.opts.Maker.Slipway, Err: err}).Error())
		f.opts.Loop.After(&f.again, pause, f.listen)
	}
}

func (f *Front) spawn() error {
	cmd := f.opts.Maker.Own(boot.Serve, environment(f.opts.Maker.Environ))
	uid, ok := 0, false
	if f.opts.Maker.UID == 0 {
		if uid, ok = stranger(f.opts.Kernel); ok {
			cmd.Credential = &kernel.Credential{UID: uid, GID: uid}
		} else {
			f.sayOurs("no user is free in this user namespace")
		}
	}
	job := child.Job{Command: cmd, Connect: true, Ended: f.ended}
	for _, l := range f.listeners {
		job.Files = append(job.Files, l.fd)
	}
	c, err := f.opts.Runner.Start(job)
	if cmd.Credential != nil && (err == unix.EPERM || err == unix.EACCES || err == unix.EINVAL) {
		// No right to become another user, no such group here, or it may not execute slipway.
		f.sayOurs("as " + strconv.Itoa(uid) + ": " + words.ErrnoName(err) + "; it needs CAP_SETUID and CAP_SETGID")
		cmd.Credential = nil
		c, err = f.opts.Runner.Start(job)
	}
	if err != nil {
		return err
	}
	f.running = c
	f.peer = f.opts.Server.Connect(c.Socket, may, func() { f.peer = nil })
	f.silent = 0
	f.opts.Loop.After(&f.watch, lookEvery, f.look)
	return nil
}

// sayOurs says once that the front is no user of its own. Programs of our user can then read
// its memory.
func (f *Front) sayOurs(why string) {
	if f.said {
		return
	}
	f.said = true
	say := f.opts.Log.Info
	if f.opts.AsSupervisord { // the original has no such line
		say = f.opts.Log.Debug
	}
	say("the HTTP server cannot run as a user of its own (", why, "); it runs as ours")
}

// The front asks for the state every two seconds, whatever else it does. It is looked at
// every five: one that was silent three times in a row does not run, because somebody has
// stopped it, or is stuck. A pause of the whole container counts once.
const (
	lookEvery = 5 * time.Second
	maxSilent = 3
)

// look ends a front that does not answer; another one is started for the next connection.
func (f *Front) look() {
	switch {
	case f.running == nil:
		return
	case f.peer != nil && f.peer.HasSpoken():
		f.silent = 0
	default:
		f.silent++
	}
	if f.silent >= maxSilent {
		f.opts.Log.Warn("the HTTP server does not answer; it is replaced")
		f.running.KillGroup()
		return
	}
	f.opts.Loop.After(&f.watch, lookEvery, f.look)
}

// may is what the front calls: the operations that XML-RPC and the web page have, and what
// it needs itself. It cannot have the boot snapshot, which holds secrets, start a watch, or
// hand over values.
var may = []string{
	control.OpProcessList, control.OpProcessGet, control.OpProcessStart, control.OpProcessStop, control.OpProcessSignal,
	control.OpProcessStdin, control.OpProcessOpenLog, control.OpProcessRecent, control.OpProcessClearLogs,
	control.OpGroupStart, control.OpGroupStop, control.OpGroupSignal, control.OpGroupAdd, control.OpGroupRemove,
	control.OpAllStart, control.OpAllStop, control.OpAllSignal, control.OpAllClearLogs,
	control.OpConfigList, control.OpConfigReread, control.OpEventSend,
	control.OpLogOpen, control.OpLogClear, control.OpLogWrite,
	control.OpState, control.OpInfo, control.OpSources, control.OpShutdown, control.OpRestart, control.OpServers,
}

// environment is what the HTTP front needs of the environment: it speaks to strangers, so
// it has nothing else that could be read out of it.
func environment(environ []string) []string {
	var list []string
	for _, v := range environ {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "PATH", "TZ", "LANG", "LC_ALL":
			list = append(list, v)
		}
	}
	return list
}

// ended waits for the next connection.
func (f *Front) ended(exit kernel.Exit, _ []byte) {
	began := f.running.Began
	f.running = nil
	if f.peer != nil {
		f.peer.Disconnect()
	}
	if (exit == kernel.Exit{}) {
		f.listen()
		return
	}
	if f.opts.Running() {
		f.opts.Log.Warn("the HTTP server has ended (", words.StatusText(exit.Code, exit.Signal, exit.Core), ")")
	}
	if f.opts.Loop.Now().Sub(began) > pause {
		f.listen()
		return
	}
	f.opts.Loop.After(&f.again, pause, f.listen)
}

// listen looks for connections, unless a front does.
func (f *Front) listen() {
	if f.running != nil {
		return
	}
	for _, l := range f.listeners {
		f.opts.Loop.Own(l.fd, l, kernel.Readable)
	}
}
