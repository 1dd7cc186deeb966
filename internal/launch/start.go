package launch

import (
	"fmt"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/render/transaction"
	"slipway/sources"
	"slipway/supervise/config"
	"slipway/supervise/hook"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/sequence"
)

// Start is what a start would do, in its order: what is read, what is rendered, and what
// is started. It holds no value, and commands without passwords; the caller redacts the
// secrets that are known.
type Start struct {
	Values  []StartSource  `json:"values"`  // the sources of values, weakest first
	Renders []StartFile    `json:"renders"` // the files that are made
	Starts  []StartProgram `json:"starts"`  // the processes, in the order in which they start
	Stays   []StartProgram `json:"stays"`   // what is not started
	// Follows says that changes are followed afterwards, by slipway watch.
	Follows bool `json:"follows"`
}

// StartSource is a source of values, weakest first.
type StartSource struct {
	Source string   `json:"source"`           // its name
	Values int      `json:"values"`           // how many it has given
	Files  []string `json:"files,omitempty"`  // that it has read
	Failed string   `json:"failed,omitempty"` // why one that is optional gave nothing
}

// StartFile is a file that is rendered.
type StartFile struct {
	File     string   `json:"file"`                // the file that is made
	Action   string   `json:"action"`              // what becomes of the file that is there
	Template string   `json:"template"`            // what it is made from
	Reads    []string `json:"reads,omitempty"`     // names of variables
	ReadsAll bool     `json:"reads_all,omitempty"` // whether it reads all variables
	Secret   bool     `json:"secret,omitempty"`    // whether it holds a secret
	Check    string   `json:"check,omitempty"`     // the command that has to accept it
	Notify   []string `json:"notify,omitempty"`    // the programs that are told when it changes
}

// StartProgram is a process, and when it is started, or why it is not.
type StartProgram struct {
	Name    string   `json:"name"`              // as slipway status shows it
	Command string   `json:"command,omitempty"` // without passwords
	Place   string   `json:"place,omitempty"`   // of its section: FILE:LINE:COLUMN
	When    string   `json:"when"`              // when it is started, or why it is not
	As      string   `json:"as,omitempty"`      // the user that it runs as
	Up      string   `json:"up,omitempty"`      // what tells that it is up
	After   []string `json:"after,omitempty"`   // the programs that it waits for
	// Sockets are what listens for it, before it runs. PreStart and PostStart are commands that
	// its start runs as well.
	Sockets   []string `json:"sockets,omitempty"`    // what listens for it, before it runs
	PreStart  string   `json:"pre_start,omitempty"`  // the command before its start
	PostStart string   `json:"post_start,omitempty"` // the command after its start
}

// Explain says what a start would do with a plan, of which res is the comparison. command
// is the command line of the program main, nil for none.
func (im *Image) Explain(res *transaction.Result, command []string, follows bool) Start {
	s := Start{Values: im.from.startSources(), Renders: []StartFile{}, Follows: follows}
	for _, c := range res.Changes {
		t := c.Target
		s.Renders = append(s.Renders, StartFile{
			File: t.Dest, Action: string(c.Action), Template: t.Template, Reads: t.Reads, ReadsAll: t.ReadsAll,
			Secret: t.Secret, Check: sources.HidePasswords(t.Check), Notify: t.Notify,
		})
	}
	s.Starts, s.Stays = startOrder(im.Config)
	if len(command) > 0 {
		s.Starts = append(s.Starts, StartProgram{
			Name: "main", Command: sources.HidePasswords(strings.Join(command, " ")), Place: "the command line",
			When: "at once; when it ends, the container ends",
		})
	}
	for _, l := range im.Config.LeftOut {
		s.Stays = append(s.Stays, StartProgram{Name: l.Name, When: "left out: " + l.Why})
	}
	return s
}

// startSources are the sources that were read, weakest first, and those that failed.
func (p *peered) startSources() []StartSource {
	out := []StartSource{}
	for _, l := range p.layers {
		if l.Source == sections.Etcd && p.settings.Etcd == nil && len(l.Vars) == 0 { // nobody asks it
			continue
		}
		s := StartSource{Source: l.Source, Values: len(l.Vars)}
		seen := map[string]bool{}
		for _, v := range l.Vars {
			if f := v.Value.Origin.File; f != "" && !seen[f] {
				seen[f] = true
				s.Files = append(s.Files, f)
			}
		}
		if err := p.missing[l.Source]; err != nil {
			s.Failed = err.Error()
		}
		out = append(out, s)
	}
	return out
}

// startOrder lists the processes that a start brings up, each after those that it waits
// for, otherwise by priority; and those that it does not, with the reason.
func startOrder(c *config.Config) (starts, stays []StartProgram) {
	type waiting struct {
		member order.Member
		view   StartProgram
	}
	var left []waiting
	open := map[string]int{}     // how many processes of a name are still to be listed
	resting := map[string]bool{} // names that a start does not bring up as a whole
	for g, p := range c.Processes() {
		m := sequence.Member(g, p)
		v := startProgram(p, &m)
		if !p.Autostart {
			v.When = "not by itself: autostart is false; slipway start " + v.Name
			if p.OnDemand() {
				v.When = "when somebody connects (start = " + config.StartOnDemand + ")"
			}
			if p.InOrder {
				v.When = "never: slipway starts the programs with dependent_startup in order without it"
			}
			if p.Schedule != "" {
				v.When = "by its schedule, " + p.Schedule
			}
			stays = append(stays, v)
			for _, name := range m.Names() {
				resting[name] = true
			}
			continue
		}
		left = append(left, waiting{m, v})
		for _, name := range m.Names() {
			open[name]++
		}
	}
	for progress := true; progress; {
		progress = false
		var later []waiting
		for _, w := range left {
			if !earlier(w.member.Needs, open, resting) {
				later = append(later, w)
				continue
			}
			starts, progress = append(starts, w.view), true
			for _, name := range w.member.Names() {
				open[name]--
			}
		}
		left = later
	}
	for _, w := range left {
		w.view.When = "not by itself: it waits until " + strings.Join(w.view.After, " and ") + ", which a start alone does not bring about"
		stays = append(stays, w.view)
	}
	return starts, stays
}

// earlier reports whether all that is waited for comes earlier.
func earlier(needs []order.Need, open map[string]int, resting map[string]bool) bool {
	for _, n := range needs {
		if open[n.Name] > 0 || resting[n.Name] {
			return false
		}
	}
	return true
}

func startProgram(p *config.Process, m *order.Member) StartProgram {
	v := StartProgram{Name: m.FullName(), Command: sources.HidePasswords(p.Command), Place: p.Pos.String(), When: "at once"}
	for _, s := range p.Listen {
		v.Sockets = append(v.Sockets, s.String())
	}
	v.PreStart = sources.HidePasswords(p.Hooked.Get(machine.PreStart.String()))
	v.PostStart = sources.HidePasswords(p.Hooked.Get(hook.PostStart))
	for _, n := range m.Needs {
		v.After = append(v.After, n.Goal())
	}
	if len(v.After) > 0 {
		v.When = "when " + strings.Join(v.After, " and ")
	}
	var as []string
	if p.User != nil {
		as = append(as, "user "+p.User.Name)
	}
	if p.Directory != "" {
		as = append(as, "in "+p.Directory)
	}
	v.As = strings.Join(as, ", ")
	switch {
	case p.Oneshot:
		v.Up = "when it has ended"
	case p.Ready.Probe.Kind != config.ProbeNone:
		v.Up = "when " + sources.HidePasswords(p.Ready.Probe.String()) + " answers"
	case p.StartSecs > 0:
		v.Up = fmt.Sprintf("after %s (startsecs)", p.StartSecs)
	default:
		v.Up = "as soon as it is started"
	}
	return v
}

// Places are the files that were read, the built-in configuration by that name.
func (d *Document) Places() []string {
	out := make([]string, len(d.Files))
	for i, f := range d.Files {
		if out[i] = f; f == "" {
			out[i] = "(built-in configuration)"
		}
	}
	return out
}
