package decode

import (
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/order"
	"slipway/supervise/words"
)

// The keys by which programs ask the listener supervisord_dependent_startup to start them in
// order. They mean something only where a configuration has that listener; the supervisor does
// then what it would do, and the listener is not started.
const (
	startupKey      = "dependent_startup"
	startupWaitKey  = startupKey + "_wait_for"
	startupOrderKey = startupKey + "_inherit_priority"
)

// startup is what the listener is told by its command, and the programs that it would start.
type startup struct {
	listener string // its name; "": there is none
	strict   bool   // --error-action exit: what is wrong with a key is a mistake, no note
	programs map[string]*starting
}

// starting is a program that the listener starts.
type starting struct {
	section  *dialect.Section
	wait     *dialect.Key // nil: it waits for nobody
	needs    []order.Need
	inherits bool // its place in the order is that of the first that it waits for
}

// startup gives the programs of the listener their place in the order.
func (d *decoder) startup() {
	d.started = startup{}
	for i := range d.cfg.Groups {
		g := &d.cfg.Groups[i]
		for j := range g.Processes {
			if p := &g.Processes[j]; g.Kind == config.KindListener && p.Enabled && p.Autostart && isStartupListener(p.Argv) {
				p.Autostart, p.InOrder = false, true
				d.started.listener, d.started.strict = g.Name, d.started.strict || isStrict(p.Argv)
			}
		}
	}
	if d.started.listener == "" {
		return
	}
	d.cfg.Infos = append(d.cfg.Infos, d.started.listener+" is not started: the programs with "+startupKey+" are started in order without it")
	d.started.programs = map[string]*starting{}
	for g, p := range d.cfg.Processes() {
		if s := d.Doc.Section("program:" + p.Program); s != nil && g.Kind != config.KindListener {
			d.starts(s, p)
		}
	}
	for i := range d.cfg.Groups {
		if g := &d.cfg.Groups[i]; len(g.Processes) > 0 && g.Name == g.Processes[0].Program {
			g.Priority = d.started.priority(d.cfg, g.Name, g.Priority, map[string]bool{})
		}
	}
}

// isStartupListener tells whether a command is that of the listener: the module, or the script
// that is installed with it, with whatever before it and behind it.
func isStartupListener(argv []string) bool {
	for _, word := range argv {
		for _, w := range strings.Fields(word) { // of a shell's command
			w = strings.TrimSuffix(w[strings.LastIndexByte(w, '/')+1:], ".py")
			if strings.ReplaceAll(w, "-", "_") == "supervisord_dependent_startup" {
				return true
			}
		}
	}
	return false
}

// isStrict tells whether the listener was to end where a key is wrong.
func isStrict(argv []string) bool {
	line := strings.Join(argv, " ") + " "
	return strings.Contains(line, "--error-action exit ") || strings.Contains(line, "--error-action=exit ") || strings.Contains(line, "--fail-on-warning ")
}

// starts reads the keys of one program, of which all processes are given the same.
func (d *decoder) starts(s *dialect.Section, p *config.Process) {
	st, known := d.started.programs[p.Program]
	if !known {
		st = d.startingOf(s, p)
		d.started.programs[p.Program] = st
	}
	if st == nil {
		return
	}
	p.Autostart, p.InOrder = true, true
	needs := make([]string, 0, len(p.DependsOn)+len(st.needs))
	needs = append(needs, p.DependsOn...) // the processes of a program share it
	for _, need := range st.needs {
		needs = append(needs, need.Word())
	}
	p.DependsOn = needs
}

// startingOf reads the keys of a program; nil if the listener does not start it.
func (d *decoder) startingOf(s *dialect.Section, p *config.Process) *starting {
	r := d.reader(s, d.program, dialect.HasHere|dialect.HasHost|dialect.HasProgram|dialect.HasGroup)
	r.Names.Program, r.Names.Group = p.Program, p.Group
	if !d.startupBool(r, startupKey) {
		return nil
	}
	if p.Autostart || !r.IsSet("autostart") {
		d.startupWrong(s, d.Doc.Lookup(s, startupKey), "expected autostart = false beside it: "+p.Program+" is started at once", "write autostart = false")
		return nil
	}
	st := &starting{section: s, inherits: d.startupBool(r, startupOrderKey)}
	var list string
	if st.wait, list = d.startupText(r, startupWaitKey); st.wait == nil {
		return st
	}
	for _, word := range strings.Fields(list) {
		if need := d.startupNeed(s, st.wait, word); !need.IsZero() {
			st.needs = append(st.needs, need)
		}
	}
	return st
}

// startupNeed reads PROGRAM:STATE,STATE; without a state RUNNING is meant. The zero Need if the
// listener would do without it.
func (d *decoder) startupNeed(s *dialect.Section, k *dialect.Key, word string) order.Need {
	name, states, given := strings.Cut(word, ":")
	need := order.Need{Name: name}
	if d.Doc.Section("program:"+name) == nil {
		d.startupWrong(s, k, "expected names of programs, got "+dialect.Quote(name)+", for which there is no section: it is not waited for", d.guess(name, d.programNames()))
		return order.Need{}
	}
	if given {
		for state := range strings.SplitSeq(states, ",") {
			fact := order.Reached(state)
			if need.Any |= fact; fact == 0 {
				d.startupWrong(s, k, "expected "+words.Or(order.ReachedStates())+", got "+dialect.Quote(state), dialect.DidYouMean(strings.ToLower(state), order.ReachedStates()))
			}
		}
	}
	if need.Any == 0 {
		need.Any = order.Reached("running")
	}
	return need
}

// startupWrong notes what is wrong with a key. The listener warns, and goes on without it; with
// --error-action exit it ends, and starts nothing.
func (d *decoder) startupWrong(s *dialect.Section, k *dialect.Key, what, hint string) {
	if d.started.strict {
		d.Bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: s.Name, Key: k.Name, Kind: dialect.KindOther, Text: what, Hint: hint})
		return
	}
	d.note(k.ValuePos, "["+s.Name+"]: "+k.Name+": "+what, hint)
}

// startupText is the value of a key, expanded; no key if it is not there or has no value.
func (d *decoder) startupText(r *value.Reader, name string) (*dialect.Key, string) {
	k := d.Doc.Lookup(r.Section, name)
	if k == nil {
		return nil, ""
	}
	list, err := r.Names.Expand(d.Doc.Text(k), false)
	if err != nil {
		d.Bad.Add(r.Names.Problem(r.Section.Name, k, err))
	}
	if strings.TrimSpace(list) == "" {
		return nil, ""
	}
	return k, list
}

// startupBool is the value of a key that is true or false; false without it.
func (d *decoder) startupBool(r *value.Reader, name string) bool {
	k, word := d.startupText(r, name)
	if k == nil {
		return false
	}
	is, ok := text.Bool(word)
	if !ok {
		d.startupWrong(r.Section, k, "expected true or false, got "+dialect.Quote(word), "")
	}
	return is
}

// isStartupKey tells whether a key of a section is one of those that have a meaning here.
func (d *decoder) isStartupKey(s *dialect.Section, name string) bool {
	return d.started.listener != "" && strings.HasPrefix(s.Name, "program:") && (name == startupKey || name == startupWaitKey || name == startupOrderKey)
}

// startupLeftOut reports programs that wait for some that are not to run.
func (d *decoder) startupLeftOut() {
	for program, st := range d.started.programs {
		if st == nil || d.out[program] != "" {
			continue
		}
		for _, need := range st.needs {
			if why := d.out[need.Name]; why != "" {
				d.Bad.Add(&dialect.Problem{Pos: st.wait.ValuePos, Section: st.section.Name, Key: st.wait.Name, Kind: dialect.KindOther,
					Text: "expected programs that are to run, got " + dialect.Quote(need.Name) + ", which is left out: " + why, Hint: "leave " + program + " out as well"})
			}
		}
	}
}

// priority is that of a program, or that of what it waits for if that is lower and it inherits
// it, which may be inherited itself. Seen are those on the way: a circle is reported later.
func (s *startup) priority(cfg *config.Config, program string, own int, seen map[string]bool) int {
	st := s.programs[program]
	if st == nil || !st.inherits || seen[program] {
		return own
	}
	seen[program] = true
	for _, need := range st.needs {
		for _, p := range cfg.Processes() {
			if p.Program == need.Name {
				own = min(own, s.priority(cfg, need.Name, p.Priority, seen))
			}
		}
	}
	return own
}
