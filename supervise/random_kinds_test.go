package supervise

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/life"
	"slipway/supervise/machine"
)

// others are what a course of events has besides programs: an event listener, an
// fcgi-program, an HTTP server, and configurations that cannot be read.
type others struct {
	c          *chaos
	unreadable bool // the configuration
	versions   map[string]int
	changed    bool // the listener was: its pool is another one, and what waited in the old one is gone
	sent       []*remote
	handled    map[int]bool // by number: a listener has said OK
	visitors   []*visitor
}

// remote is an event that a client has sent.
type remote struct {
	number int
	call   *simCall
	late   bool // after the last change
}

// visitor is somebody at the HTTP server.
type visitor struct {
	conn  *kerneltest.Conn
	began time.Time
}

const (
	web     = "127.0.0.1:9001"
	gateway = "/run/cgi.sock"
)

func (o *others) install(c *chaos) {
	*o = others{c: c, versions: map[string]int{"ears": 1, "cgi": 1}, handled: map[int]bool{}}
	c.m.Install("/bin/listener", o.listener)
	c.m.Install("/bin/cgi", o.cgi)
	c.m.Install("/bin/slipway", o.serve)
	c.m.Mkdir("/run")
}

// has reports whether a group is one of the others, and is configured.
func (o *others) has(group string) bool { return o.c.traits.others && o.versions[group] > 0 }

// add adds them to a configuration.
func (o *others) add(cfg *config.Config) *config.Config {
	if !o.c.traits.others {
		return cfg
	}
	group := func(name, path string, kind config.GroupKind) *config.Group {
		g := config.Group{Kind: kind, Name: name, Priority: -1}
		for i := range 2 {
			p := o.c.simulation.program(name+"_"+strconv.Itoa(i), path, name, strconv.Itoa(o.versions[name]))
			p.Group, p.Program, p.Priority, p.RedirectStderr = name, name, -1, false
			p.StopWait, p.Autorestart, p.StartRetries = o.c.traits.stopWait, machine.RestartAlways, 1000
			p.OnFatal, p.Strays = config.OnFatalIgnore, config.StraysKill
			g.Processes = append(g.Processes, p)
		}
		cfg.Groups = append(cfg.Groups, g)
		return &cfg.Groups[len(cfg.Groups)-1]
	}
	if o.versions["ears"] > 0 {
		ears := group("ears", "/bin/listener", config.KindListener)
		ears.Events, ears.BufferSize, ears.ResultHandler = []string{"REMOTE_COMMUNICATION", "TICK_5"}, 1000, config.DefaultHandler
	}
	if o.versions["cgi"] > 0 {
		cgi := group("cgi", "/bin/cgi", config.KindFCGI)
		cgi.Socket = &config.FCGISocket{URL: "unix://" + gateway, Path: gateway, Mode: 0o600, OwnerUID: -1, OwnerGID: -1}
	}
	cfg.Servers = []config.Server{{Section: "inet_http_server", Host: "127.0.0.1", Port: 9001, ChownUID: -1, ChownGID: -1}}
	return cfg
}

func (o *others) step() {
	c := o.c
	switch c.r.IntN(8) {
	case 0, 1, 2:
		o.send(false)
	case 3, 4:
		o.visit()
	case 5:
		o.change()
		c.apply()
	case 6:
		o.update(c.client(), c.anyName())
	case 7:
		c.note("the configuration cannot be read")
		o.unreadable = true
		c.apply()
		c.after(c.pause(), func() { o.unreadable = false })
	}
}

// change changes the configuration of a group, takes it out, or puts it back.
func (o *others) change() {
	name := []string{"ears", "cgi"}[o.c.r.IntN(2)]
	o.versions[name] = o.c.r.IntN(3)
	o.changed = o.changed || name == "ears"
	o.c.note("others are %v", o.versions)
}

// update is what supervisorctl does to a group: read, stop, remove, add.
func (o *others) update(cl *simClient, name string) {
	c := o.c
	c.note("update %s", name)
	cl.call(control.OpConfigReread)
	cl.call(control.OpGroupStop, control.String(name), control.Bool(true))
	c.after(c.pause(), func() {
		cl.call(control.OpGroupRemove, control.String(name))
		c.after(c.pause(), func() { cl.call(control.OpGroupAdd, control.String(name)) })
	})
}

// send sends an event to the listener.
func (o *others) send(late bool) {
	n := len(o.sent)
	call := o.c.client().call(control.OpEventSend, control.String("chaos"), control.String(strconv.Itoa(n)))
	o.sent = append(o.sent, &remote{number: n, call: call, late: late})
}

func (o *others) visit() {
	conn, err := o.c.m.Dial(web, 0)
	if err != nil {
		o.c.fail("cannot connect to the HTTP server: %v", err)
		return
	}
	conn.Write([]byte("GET\n"))
	o.visitors = append(o.visitors, &visitor{conn: conn, began: time.Now()})
}

// listener speaks the protocol of event listeners; until it is calm, not always.
func (o *others) listener(p *kerneltest.Process) {
	for {
		p.Print(1, "READY\n")
		header, err := p.ReadLine(0)
		if err != nil {
			return
		}
		_, length, _ := strings.Cut(header, " len:")
		n, err := strconv.Atoi(length)
		if err != nil {
			o.c.fail("a listener reads the header %q", header)
			return
		}
		event := make([]byte, n)
		for done := 0; done < n; {
			more, err := p.Read(0, event[done:])
			if err != nil {
				return
			}
			done += more
		}
		o.hear(p, event)
	}
}

// hear answers an event.
func (o *others) hear(p *kerneltest.Process, event []byte) {
	c := o.c
	_, text, isRemote := bytes.Cut(event, []byte("type:chaos\n"))
	number, err := strconv.Atoi(string(text))
	if isRemote && err != nil {
		c.fail("a listener reads the event %q", event)
	}
	if isRemote && o.handled[number] {
		c.fail("event %d comes again after it was handled", number)
	}
	p.Sleep(time.Duration(c.r.IntN(700)) * time.Millisecond)
	answer := 0
	if !c.calm {
		answer = c.r.IntN(8)
	}
	switch answer {
	case 1:
		p.Exit(c.r.IntN(2))
	case 2, 3:
		p.Print(1, "RESULT 4\nFAIL")
	case 4:
		p.Print(1, "nonsense\n")
		p.Sleep(3 * time.Second)
		p.Exit(0)
	default:
		p.Print(1, "RESULT 2\nOK")
		if isRemote {
			o.handled[number] = true
		}
	}
}

// cgi is a process of the fcgi-program: descriptor 0 is the socket.
func (o *others) cgi(p *kerneltest.Process) {
	for {
		fd, err := p.Accept(0)
		switch err {
		case nil:
			p.Close(fd)
		case syscall.EAGAIN:
		default:
			o.c.fail("descriptor 0 of an fcgi-program is no listening socket: %v", err)
			return
		}
		p.Sleep(time.Duration(1+o.c.r.IntN(4000)) * time.Millisecond)
		if !o.c.calm && o.c.r.IntN(8) == 0 {
			p.Exit(o.c.r.IntN(2))
		}
	}
}

// serve is the HTTP server, which ends when nobody comes.
func (o *others) serve(p *kerneltest.Process) {
	if p.Args[1] != boot.Serve {
		return
	}
	socket := 3
	for idle := 0; idle < 5; idle++ {
		fd, err := p.Accept(socket)
		switch err {
		case nil:
			idle = 0
			if _, err := p.ReadLine(fd); err == nil {
				p.Sleep(time.Duration(o.c.r.IntN(300)) * time.Millisecond)
				p.Print(fd, "answer\n")
			}
			p.Close(fd)
		case syscall.EAGAIN:
			p.Sleep(200 * time.Millisecond)
		default: // its control connection
			if socket++; socket > 8 {
				o.c.fail("the HTTP server has no listening socket: %v", err)
				return
			}
		}
		if !o.c.calm && o.c.r.IntN(12) == 0 {
			p.Exit(1)
		}
	}
}

// look is what holds in every pass.
func (o *others) look() {
	if !o.c.traits.others {
		return
	}
	open := o.visitors[:0]
	for _, v := range o.visitors {
		var b [16]byte
		if _, err := v.conn.Poll(b[:]); err != syscall.EAGAIN {
			if err != nil && err != io.EOF && err != syscall.ECONNRESET {
				o.c.fail("a visitor reads: %v", err)
			}
			v.conn.Close()
			continue
		}
		open = append(open, v)
	}
	o.visitors = open
	fronts := 0
	for _, p := range o.c.m.Processes() {
		if p.Path == "/bin/slipway" && !p.Zombie {
			fronts++
		}
	}
	if fronts > 1 {
		o.c.fail("%d HTTP servers are running", fronts)
	}
}

// sayLast is what is asked for when everything has been configured for the last time.
func (o *others) sayLast() {
	if !o.c.traits.others {
		return
	}
	for range 3 {
		o.send(true)
		o.visit()
	}
}

// check is what holds when everything has come to rest.
func (o *others) check() {
	c := o.c
	if !c.traits.others {
		return
	}
	for _, v := range o.visitors {
		c.fail("nobody has answered the visitor of %s", v.began.Format("15:04:05.000000"))
	}
	for name := range o.versions {
		o.checkGroup(name)
	}
	if o.versions["ears"] > 0 {
		for _, r := range o.sent {
			answered := r.call.answer != nil && r.call.answer.Fault == nil
			if answered && !o.handled[r.number] && (r.late || !o.changed) {
				c.fail("event %d was taken, and no listener has handled it", r.number)
			}
		}
	}
	conn, err := c.m.Dial(gateway, 0)
	if up := o.versions["cgi"] > 0; up != (err == nil) {
		c.fail("the fcgi-program is configured: %v; its socket: %v", up, err)
	}
	if err == nil {
		conn.Close()
	}
}

// checkGroup compares a group of the others with the configuration.
func (o *others) checkGroup(name string) {
	g := o.c.s.table.FindGroup(name)
	if want := o.versions[name] > 0; want != (g != nil) {
		o.c.fail("%s is configured: %v, in the table: %v", name, want, g != nil)
	}
	if g == nil {
		return
	}
	for _, p := range g.Processes {
		o.checkUp(p)
	}
}

func (o *others) checkUp(p *life.Process) {
	if got, want := p.Config.Argv[2], strconv.Itoa(o.versions[p.Config.Group]); got != want {
		o.c.fail("%s is version %s in the table, want %s", p.Name(), got, want)
	}
	if p.Life.State != machine.Running {
		o.c.fail("%s is %v, and nobody has asked it to be down", p.Name(), p.Life.State)
	}
}
