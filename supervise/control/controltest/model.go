package controltest

import (
	"bytes"
	"os"
	"sort"
	"strings"
	"sync"
	"syscall"

	"slipway/supervise/control"
)

// Process is a program of a Model.
type Process struct {
	control.ProcessInfo
	Config control.ConfigInfo
	// StartFault is what a start answers, after which the process is FATAL.
	StartFault *control.Fault
	// StartHeld, if not nil, holds a start with wait until it is closed.
	StartHeld chan struct{}
	// NoStdin says that standard input is closed.
	NoStdin bool
	// Recent is the output that is kept in memory; with follow comes More.
	Recent, More string
	stdin        bytes.Buffer
}

// Model is a supervisor without programs: it keeps states, answers every method
// with Supervisor's rules and keeps logs in real files. Set it up, then serve its
// Handlers.
type Model struct {
	mu        sync.Mutex
	Processes []*Process // active
	Available []*Process // configured groups that are not active
	Reread    control.RereadResult
	RereadErr *control.Fault
	Servers   []control.ServerInfo
	Logfile   string
	Sources   string // path of what the watcher has written down
	Mood      control.Mood
	Info      control.SupervisorInfo
	Lines     []string // what LogWrite got
	Sent      []string // what EventSend got
	Now       int64
	nextPID   int64
	asked     map[string]int
}

// Stdin returns what a process was sent.
func (m *Model) Stdin(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, _ := m.find(name)
	return p.stdin.String()
}

// Logged returns the lines of the activity log that clients wrote.
func (m *Model) Logged() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.Lines...)
}

// Asked returns how often a method was called.
func (m *Model) Asked(method string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked[method]
}

func (m *Model) find(name string) (*Process, error) {
	group, proc := control.SplitName(name)
	for _, p := range m.Processes {
		if p.Group == group && p.Name == proc {
			return p, nil
		}
	}
	return nil, control.NewFault(control.BadName, name)
}

func (m *Model) members(group string) ([]*Process, error) {
	var out []*Process
	for _, p := range m.Processes {
		if p.Group == group {
			out = append(out, p)
		}
	}
	if out == nil {
		return nil, control.NewFault(control.BadName, group)
	}
	return out, nil
}

func (m *Model) start(p *Process) *control.Fault {
	switch {
	case !p.State.IsStopped():
		return control.NewFault(control.AlreadyStarted, p.FullName())
	case p.StartFault != nil:
		p.State, p.SpawnError = control.Fatal, p.StartFault.Detail
		return p.StartFault
	}
	m.nextPID++
	p.State, p.PID, p.Start, p.Stop = control.Running, 4000+m.nextPID, m.Now, 0
	p.ExitStatus, p.SpawnError = 0, ""
	p.Generation++
	return nil
}

func (m *Model) stop(p *Process) *control.Fault {
	if p.State.IsStopped() {
		return control.NewFault(control.NotRunning, p.FullName())
	}
	p.State, p.PID, p.Stop, p.ExitStatus = control.Stopped, 0, m.Now, -1
	return nil
}

func (m *Model) signal(p *Process, sig string) *control.Fault {
	switch strings.TrimPrefix(strings.ToUpper(sig), "SIG") {
	case "HUP", "USR1", "1", "TERM", "15":
	default:
		return control.NewFault(control.BadSignal, sig)
	}
	if p.State.IsStopped() {
		return control.NewFault(control.NotRunning, p.FullName())
	}
	return nil
}

// each applies op to those that qualify.
func each(ps []*Process, qualify func(*Process) bool, op func(*Process) *control.Fault) control.Value {
	var list []control.Status
	for _, p := range ps {
		if qualify(p) {
			list = append(list, control.NewStatus(p.Group, p.Name, op(p)))
		}
	}
	return control.EncodeList(list)
}

func stopped(p *Process) bool { return p.State.IsStopped() }
func running(p *Process) bool { return !p.State.IsStopped() }

// openLog returns what a path holds.
func openLog(path string) (control.Value, *os.File, error) {
	if path == "" {
		return control.Encode(&control.LogInfo{}), nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return control.Value{}, nil, control.NewFault(control.NoFile, path)
	}
	info := control.LogInfo{Path: path}
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		_ = f.Close()
		return control.Encode(&info), nil, nil
	}
	info.Regular, info.Size = true, st.Size()
	info.Inode = int64(st.Sys().(*syscall.Stat_t).Ino)
	return control.Encode(&info), f, nil
}

// Handlers returns a handler for every method that the model knows.
func (m *Model) Handlers() map[string]Handler {
	out := map[string]Handler{}
	for name, h := range m.rows() {
		row, _ := control.Lookup(name)
		out[name] = func(c *Call) (control.Value, *os.File, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.asked == nil {
				m.asked = map[string]int{}
			}
			m.asked[name]++
			if m.Mood != control.MoodRunning && !row.InShutdown {
				return control.Value{}, nil, control.NewFault(control.ShutdownState, "")
			}
			return h(c)
		}
	}
	return out
}

// value adapts what answers without a file.
func value(f func(c *Call) (control.Value, error)) Handler {
	return func(c *Call) (control.Value, *os.File, error) {
		v, err := f(c)
		return v, nil, err
	}
}

// one adapts an operation on one process.
func (m *Model) one(op func(c *Call, p *Process) *control.Fault) Handler {
	return value(func(c *Call) (control.Value, error) {
		p, err := m.find(c.Str(0))
		if err != nil {
			return control.Value{}, err
		}
		if f := op(c, p); f != nil {
			return control.Value{}, f
		}
		return control.Bool(true), nil
	})
}

// group adapts an operation on the members of a group that qualify.
func (m *Model) group(qualify func(*Process) bool, op func(c *Call, p *Process) *control.Fault) Handler {
	return value(func(c *Call) (control.Value, error) {
		ps, err := m.members(c.Str(0))
		if err != nil {
			return control.Value{}, err
		}
		return each(ps, qualify, func(p *Process) *control.Fault { return op(c, p) }), nil
	})
}

// all adapts an operation on all processes that qualify.
func (m *Model) all(qualify func(*Process) bool, op func(c *Call, p *Process) *control.Fault) Handler {
	return value(func(c *Call) (control.Value, error) {
		return each(m.Processes, qualify, func(p *Process) *control.Fault { return op(c, p) }), nil
	})
}

func (m *Model) rows() map[string]Handler {
	start := func(c *Call, p *Process) *control.Fault { return m.start(p) }
	stop := func(c *Call, p *Process) *control.Fault { return m.stop(p) }
	wait := func(c *Call, p *Process) *control.Fault {
		if p.StartHeld != nil && c.Bool(1) {
			m.mu.Unlock()
			select {
			case <-p.StartHeld:
			case <-c.Done:
			}
			m.mu.Lock()
		}
		return m.start(p)
	}
	always := func(*Process) bool { return true }
	yes := func(do func(c *Call)) Handler {
		return value(func(c *Call) (control.Value, error) { do(c); return control.Bool(true), nil })
	}
	return map[string]Handler{
		control.OpProcessList: value(m.list),
		control.OpProcessGet: value(func(c *Call) (control.Value, error) {
			p, err := m.find(c.Str(0))
			if err != nil {
				return control.Value{}, err
			}
			p.Now = m.Now
			return control.Encode(&p.ProcessInfo), nil
		}),
		control.OpProcessStart: m.one(wait),
		control.OpProcessStop:  m.one(stop),
		control.OpProcessRestart: m.one(func(c *Call, p *Process) *control.Fault {
			_ = m.stop(p)
			return m.start(p)
		}),
		control.OpProcessSignal:  m.one(func(c *Call, p *Process) *control.Fault { return m.signal(p, c.Str(1)) }),
		control.OpProcessTrigger: m.one(func(_ *Call, p *Process) *control.Fault { return m.start(p) }),
		control.OpProcessStdin: m.one(func(c *Call, p *Process) *control.Fault {
			switch {
			case p.State.IsStopped():
				return control.NewFault(control.NotRunning, c.Str(0))
			case p.NoStdin:
				return control.NewFault(control.NoFile, c.Str(0))
			}
			p.stdin.WriteString(c.Str(1))
			return nil
		}),
		control.OpProcessOpenLog: func(c *Call) (control.Value, *os.File, error) {
			p, err := m.find(c.Str(0))
			if err != nil {
				return control.Value{}, nil, err
			}
			if c.Str(1) == "stderr" {
				return openLog(p.StderrLog)
			}
			return openLog(p.StdoutLog)
		},
		control.OpProcessRecent: m.one(func(c *Call, p *Process) *control.Fault {
			c.Chunk(control.String(p.Recent))
			if c.Bool(2) {
				c.Chunk(control.String(p.More))
			}
			return nil
		}),
		control.OpProcessClearLogs: m.one(m.clear),
		control.OpAllClearLogs:     m.all(always, m.clear),
		control.OpGroupStart:       m.group(stopped, start),
		control.OpGroupStop:        m.group(running, stop),
		control.OpAllStart:         m.all(stopped, start),
		control.OpAllStop:          m.all(running, stop),
		control.OpGroupSignal:      m.group(running, func(c *Call, p *Process) *control.Fault { return m.signal(p, c.Str(1)) }),
		control.OpAllSignal:        m.all(running, func(c *Call, p *Process) *control.Fault { return m.signal(p, c.Str(0)) }),
		control.OpGroupAdd:         value(m.add),
		control.OpGroupRemove:      value(m.remove),
		control.OpGroupChange:      value(func(*Call) (control.Value, error) { return control.Strings(nil), nil }),
		control.OpConfigList:       value(m.configs),
		control.OpConfigReread: value(func(c *Call) (control.Value, error) {
			if m.RereadErr != nil {
				return control.Value{}, m.RereadErr
			}
			return control.Encode(&m.Reread), nil
		}),
		control.OpEventSend: yes(func(c *Call) { m.Sent = append(m.Sent, c.Str(0)+" "+c.Str(1)) }),
		control.OpLogOpen:   func(c *Call) (control.Value, *os.File, error) { return openLog(m.Logfile) },
		control.OpLogClear: value(func(c *Call) (control.Value, error) {
			if _, err := os.Stat(m.Logfile); err != nil {
				return control.Value{}, control.NewFault(control.NoFile, "")
			}
			return control.Bool(true), os.Truncate(m.Logfile, 0)
		}),
		control.OpLogWrite: yes(func(c *Call) { m.Lines = append(m.Lines, c.Str(0)+" "+c.Str(1)) }),
		control.OpState: value(func(c *Call) (control.Value, error) {
			state := control.NewState(m.Mood)
			return control.Encode(&state), nil
		}),
		control.OpSources:  func(*Call) (control.Value, *os.File, error) { return openLog(m.Sources) },
		control.OpInfo:     value(func(c *Call) (control.Value, error) { return control.Encode(&m.Info), nil }),
		control.OpShutdown: yes(func(c *Call) { m.Mood = control.MoodShutdown }),
		control.OpRestart:  yes(func(c *Call) {}),
		control.OpServers: value(func(c *Call) (control.Value, error) {
			return control.EncodeList(m.Servers), nil
		}),
	}
}

func (m *Model) clear(c *Call, p *Process) *control.Fault {
	for _, path := range []string{p.StdoutLog, p.StderrLog} {
		if path != "" && os.Truncate(path, 0) != nil {
			return control.NewFault(control.Failed, p.FullName())
		}
	}
	return nil
}

func (m *Model) list(c *Call) (control.Value, error) {
	sort.SliceStable(m.Processes, func(i, j int) bool {
		a, b := m.Processes[i], m.Processes[j]
		return a.Group < b.Group || a.Group == b.Group && a.Name < b.Name
	})
	list := make([]control.ProcessInfo, len(m.Processes))
	for i, p := range m.Processes {
		p.Now = m.Now
		list[i] = p.ProcessInfo
	}
	return control.EncodeList(list), nil
}

func (m *Model) configs(c *Call) (control.Value, error) {
	var all []control.ConfigInfo
	for _, p := range m.Processes {
		conf := p.Config
		conf.Name, conf.Group, conf.InUse = p.Name, p.Group, true
		all = append(all, conf)
	}
	for _, p := range m.Available {
		conf := p.Config
		conf.Name, conf.Group = p.Name, p.Group
		all = append(all, conf)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return control.EncodeList(all), nil
}

func (m *Model) add(c *Call) (control.Value, error) {
	name := c.Str(0)
	if _, err := m.members(name); err == nil {
		return control.Value{}, control.NewFault(control.AlreadyAdded, name)
	}
	found := false
	var rest []*Process
	for _, p := range m.Available {
		if p.Group == name {
			m.Processes = append(m.Processes, p)
			found = true
		} else {
			rest = append(rest, p)
		}
	}
	m.Available = rest
	if !found {
		return control.Value{}, control.NewFault(control.BadName, name)
	}
	return control.Bool(true), nil
}

func (m *Model) remove(c *Call) (control.Value, error) {
	name := c.Str(0)
	ps, err := m.members(name)
	if err != nil {
		return control.Value{}, err
	}
	var rest []*Process
	for _, p := range m.Processes {
		if p.Group != name {
			rest = append(rest, p)
		}
	}
	for _, p := range ps {
		if running(p) {
			return control.Value{}, control.NewFault(control.StillRunning, name)
		}
	}
	m.Processes = rest
	m.Available = append(m.Available, ps...)
	return control.Bool(true), nil
}
