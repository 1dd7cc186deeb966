package decode

import (
	"sort"
	"strconv"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
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
	r.n.Program, r.n.Group = p.Program, group

	d.program.Each(p, config.InOrder, r.fill)
	d.unset(r, p)
	name := r.processName(p.Numprocs)
	if p.StopAsGroup && !p.KillAsGroup {
		k, _, _ := r.given(r.row("killasgroup"))
		r.wrong(k, dialect.KindAsgroup, "expected true because stopasgroup is true", "take killasgroup out")
	}

	r.n.Has |= dialect.HasNum
	r.n.Procs = p.Numprocs
	if n := p.Numprocs; n != 1 {
		out = make([]config.Process, max(n, 0))
	}
	shared := *p
	for i := range out {
		out[i] = shared
		out[i].Num = shared.NumprocsStart + i
		r.n.Num = out[i].Num
		before := len(d.bad.List)
		d.single(r, &out[i], name)
		if len(d.bad.List) > before {
			out = out[:i+1]
			break // every process would have the same problem
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// unset gives the options that are not set, or only by a word, their meaning: those whose
// default is the value of another option.
func (d *decoder) unset(r *reader, p *config.Process) {
	if _, k := r.raw(r.row("numprocs")); p.Numprocs > maxProcs {
		r.wrong(k, dialect.KindBadNumber, "expected at most "+strconv.Itoa(maxProcs)+", got "+strconv.Itoa(p.Numprocs), "")
		p.Numprocs = 1
	}
	if _, _, ok := r.given(r.row("killasgroup")); !ok {
		p.KillAsGroup = p.StopAsGroup
	}
	if strings.EqualFold(dialect.Trim(p.ServerURL), config.AutoLog) {
		p.ServerURL = ""
	}
	if !r.isSet("min_interval") {
		p.MinInterval = -1 // see inherit
	}
	if !r.isSet("restart_pause") {
		p.UnsetPause()
	}
	for _, m := range sequence.Mistakes(p, r.isSet) {
		_, k := r.raw(r.row(m.Option))
		r.wrong(k, dialect.KindOther, m.Text, m.Hint)
	}
	if p.Conduct == config.ConductNotify {
		switch k, _, set := r.given(r.row("ready")); {
		case !set:
			p.Ready.Probe = config.Probe{Kind: config.ProbeNotify}
		case p.Ready.Probe.Kind != config.ProbeNotify:
			r.wrong(k, dialect.KindOther, "expected notify because type is notify, got "+dialect.Quote(k.Value), "take one of the two out")
		}
	}
	if !r.isSet("pass_environment") {
		p.PassEnvironment = nil // all; an empty list is none
	}
	if !r.isSet("secrets") {
		p.Secrets = nil // all; an empty list is none
	}
}

// processName gives process_name, which Supervisor checks before it is expanded.
func (r *reader) processName(procs int) string {
	o := r.row("process_name")
	k, name, ok := r.given(o)
	if !ok {
		name = o.Default
		k = &dialect.Key{Name: o.Name, Pos: r.sec.Pos, ValuePos: r.sec.Pos}
	}
	name, bad := text.Name(name)
	if bad != 0 {
		r.wrong(k, dialect.KindBadName, "expected a name without blanks, colons and slashes, got "+dialect.Quote(name), "")
	}
	if procs > 1 && !strings.Contains(name, "%(process_num)") {
		r.wrong(k, dialect.KindNumprocs, "expected a name with %(process_num) because numprocs is "+strconv.Itoa(procs)+", got "+dialect.Quote(name),
			"write process_name = %(program_name)s_%(process_num)02d")
	}
	return name
}

// single reads what may differ from process to process.
func (d *decoder) single(r *reader, p *config.Process, name string) {
	own := r.environment(r.row("environment"), false)
	r.n.Own.SetAll(own)
	p.Environment = dialect.MergeVars(d.cfg.Supervisord.Environment, own)
	d.program.Each(p, config.PerProcess, r.fill)
	d.output(r, &p.Stdout, "stdout_logfile")
	d.output(r, &p.Stderr, "stderr_logfile")
	if p.RedirectStderr {
		_, _, set := r.given(r.row("stderr_logfile"))
		if p.Stderr.Logfile != "" && p.Stderr.Logfile != config.AutoLog && set {
			d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored")
		}
		p.Stderr.Logfile = ""
	}
	d.command(r, p)
	expanded, err := r.n.Expand(name, false)
	if err != nil {
		key, _, _ := r.given(r.row("process_name"))
		d.bad.Add(r.n.Problem(r.sec.Name, key, err))
	}
	p.Name = expanded
}

func (d *decoder) command(r *reader, p *config.Process) {
	o := r.row("command")
	command, k := r.raw(o)
	p.Command = command
	switch {
	case k != nil:
		split(p)
	case d.doc.Lookup(r.sec, o.Name) == nil: // else it has been reported
		d.bad.Add(&dialect.Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: dialect.KindNoCommand, Text: "expected a command setting",
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
func (d *decoder) output(r *reader, o *config.Output, logfile string) {
	if o.Logfile == config.SyslogWord {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], "+logfile+"=syslog but this is deprecated and will be removed.  Use "+
			strings.TrimSuffix(logfile, "logfile")+"syslog=true to enable syslog instead.")
		o.Logfile, o.Syslog = "", true
	}
	if o.Logfile == config.AutoLog && o.Maxbytes == 0 {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], AUTO logging used for "+logfile+
			" without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally")
	}
}
