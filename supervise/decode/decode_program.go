package decode

import (
	"sort"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/sequence"
)

// maxProcs bounds numprocs. Supervisor has no bound but its memory.
const maxProcs = 100_000

// processes expands a program section to its processes. It is called once per
// group that names the program.
func (d *decoder) processes(s *dialect.Section, group string) []config.Process {
	r := d.reader(s, d.program, dialect.HasHere|dialect.HasHost|dialect.HasProgram|dialect.HasGroup)
	out := []config.Process{{Group: group, Pos: s.Pos}} // of nearly every program the only one
	p := &out[0]
	p.Program = d.name(s, after(s.Name))
	r.Names.Program, r.Names.Group = p.Program, group
	if o := r.Row("sockets"); o != nil {
		r.Names.FDs = r.List(o)
	}

	d.program.Each(p, config.InOrder, r.Fill)
	unset(r, p)
	isThere := func(option string) bool { return s.Key(option) != nil } // not of [DEFAULT]; some are expanded later
	for _, idle := range sequence.Idle(p, isThere) {
		d.note(s.Key(idle.Option).Pos, "["+s.Name+"]: "+idle.Text, "")
	}
	name := processName(r, p.Numprocs)
	if p.StopAsGroup && !p.KillAsGroup {
		k, _, _ := r.Given(r.Row("killasgroup"))
		r.Wrong(k, dialect.KindAsgroup, "expected true because stopasgroup is true", "take killasgroup out")
	}

	r.Names.Has |= dialect.HasNum
	r.Names.Procs = p.Numprocs
	if n := p.Numprocs; n != 1 {
		out = make([]config.Process, max(n, 0))
	}
	shared := *p
	for i := range out {
		out[i] = shared
		out[i].Num = shared.NumprocsStart + i
		r.Names.Num = out[i].Num
		before := len(d.Bad.List)
		d.single(r, &out[i], name)
		if len(d.Bad.List) > before {
			out = out[:i+1]
			break // every process would have the same problem
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// unset gives the options that are not set, or only by a word, their meaning: those whose
// default is the value of another option.
func unset(r *value.Reader, p *config.Process) {
	if _, k := r.Raw(r.Row("numprocs")); p.Numprocs > maxProcs {
		r.Wrong(k, dialect.KindBadNumber, "expected at most "+strconv.Itoa(maxProcs)+", got "+strconv.Itoa(p.Numprocs), "")
		p.Numprocs = 1
	}
	if _, _, ok := r.Given(r.Row("killasgroup")); !ok {
		p.KillAsGroup = p.StopAsGroup
	}
	if strings.EqualFold(dialect.Trim(p.ServerURL), config.AutoLog) {
		p.ServerURL = ""
	}
	if !r.IsSet("min_interval") {
		p.MinInterval = -1 // see inherit
	}
	if !r.IsSet("restart_pause") {
		p.UnsetPause()
	}
	if k, _, ok := r.Given(r.Row("hook_timeout")); ok && p.Hooks.Limit <= 0 {
		r.Wrong(k, dialect.KindBadNumber, "expected a duration of more than 0, got "+dialect.Quote(k.Value), "")
	}
	if k, _, ok := r.Given(r.Row("supplementary_groups")); ok && p.User == nil {
		r.Wrong(k, dialect.KindOther, "expected a user option beside it", "write user = NAME, or user = root")
	}
	for _, m := range sequence.Mistakes(p, r.IsSet) {
		_, k := r.Raw(r.Row(m.Option))
		r.Wrong(k, dialect.KindOther, m.Text, m.Hint)
	}
	if p.Conduct == config.ConductNotify {
		switch k, _, set := r.Given(r.Row("ready")); {
		case !set:
			p.Ready.Probe = config.Probe{Kind: config.ProbeNotify}
		case p.Ready.Probe.Kind != config.ProbeNotify:
			r.Wrong(k, dialect.KindOther, "expected notify because type is notify, got "+dialect.Quote(k.Value), "take one of the two out")
		}
	}
	if !r.IsSet("pass_environment") {
		p.PassEnvironment = nil // all; an empty list is none
	}
	if !r.IsSet("secrets") {
		p.Secrets = nil // all; an empty list is none
	}
}

// processName gives process_name, which Supervisor checks before it is expanded.
func processName(r *value.Reader, procs int) string {
	o := r.Row("process_name")
	k, name, ok := r.Given(o)
	if !ok {
		name = o.Default
		k = &dialect.Key{Name: o.Name, Pos: r.Section.Pos, ValuePos: r.Section.Pos}
	}
	name, bad := text.Name(name)
	if bad != 0 {
		r.Wrong(k, dialect.KindBadName, "expected a name without blanks, colons and slashes, got "+dialect.Quote(name), "")
	}
	if procs > 1 && !strings.Contains(name, "%(process_num)") {
		r.Wrong(k, dialect.KindNumprocs, "expected a name with %(process_num) because numprocs is "+strconv.Itoa(procs)+", got "+dialect.Quote(name),
			"write process_name = %(program_name)s_%(process_num)02d")
	}
	return name
}

// single reads what may differ from process to process.
func (d *decoder) single(r *value.Reader, p *config.Process, name string) {
	own := r.Environment(r.Row("environment"), false)
	r.Names.Own.SetAll(own)
	p.Environment = dialect.MergeVars(d.cfg.Supervisord.Environment, own)
	d.program.Each(p, config.PerProcess, r.Fill)
	d.output(r, &p.Stdout, "stdout_logfile")
	d.output(r, &p.Stderr, "stderr_logfile")
	if p.RedirectStderr {
		_, _, set := r.Given(r.Row("stderr_logfile"))
		if p.Stderr.Logfile != "" && p.Stderr.Logfile != config.AutoLog && set {
			d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.Section.Name+"], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored")
		}
		p.Stderr.Logfile = ""
	}
	d.command(r, p)
	expanded, err := r.Names.Expand(name, false)
	if err != nil {
		key, _, _ := r.Given(r.Row("process_name"))
		d.Bad.Add(r.Names.Problem(r.Section.Name, key, err))
	}
	p.Name = expanded
}

func (d *decoder) command(r *value.Reader, p *config.Process) {
	o := r.Row("command")
	command, k := r.Raw(o)
	p.Command = command
	switch {
	case k != nil:
		split(p)
	case d.Doc.Lookup(r.Section, o.Name) == nil: // else it has been reported
		d.Bad.Add(&dialect.Problem{Pos: r.Section.Pos, Section: r.Section.Name, Kind: dialect.KindNoCommand, Text: "expected a command setting",
			Hint: "write command = /path/to/program, or check the order of the files if another one has it"})
	}
}

// split makes the words of the command. A command that is none is a problem of
// the start, not of the file: Supervisor accepts it and fails to spawn.
func split(p *config.Process) {
	argv, err := dialect.SplitCommand(p.Command)
	switch {
	case err != nil:
		p.ArgvErr = err.Error()
	case len(argv) == 0:
		p.ArgvErr = "command is empty"
	default:
		p.Argv = argv
	}
}

// output warns of what a logfile does not do.
func (d *decoder) output(r *value.Reader, o *config.Output, logfile string) {
	if o.Logfile == config.SyslogWord {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.Section.Name+"], "+logfile+"=syslog but this is deprecated and will be removed.  Use "+
			strings.TrimSuffix(logfile, "logfile")+"syslog=true to enable syslog instead.")
		o.Logfile, o.Syslog = "", true
	}
	if o.Logfile == config.AutoLog && o.Maxbytes == 0 {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.Section.Name+"], AUTO logging used for "+logfile+
			" without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally")
	}
}
