package config

import (
	"slices"
	"strconv"
	"strings"
)

// maxProcs bounds numprocs. Supervisor has no bound but its memory.
const maxProcs = 100_000

// processes expands a program section to its processes. It is called once per
// group that names the program.
func (d *decoder) processes(s *Section, group string) []Process {
	r := d.reader(s, d.program, hasHere|hasHost|hasProgram|hasGroup)
	out := []Process{{Group: group, Pos: s.Pos}} // of nearly every program the only one
	p := &out[0]
	p.Program = d.name(s, after(s.Name))
	r.n.program, r.n.group = p.Program, group

	d.program.Each(p, InOrder, r.fill)
	d.unset(r, p)
	name := r.processName(p.Numprocs)
	if p.StopAsGroup && !p.KillAsGroup {
		k, _, _ := r.given(r.row("killasgroup"))
		r.wrong(k, KindAsgroup, "expected true because stopasgroup is true", "take killasgroup out")
	}

	r.n.has |= hasNum
	r.n.procs = p.Numprocs
	if n := p.Numprocs; n != 1 {
		out = make([]Process, max(n, 0))
	}
	shared := *p
	for i := range out {
		out[i] = shared
		out[i].Num = shared.NumprocsStart + i
		r.n.num = out[i].Num
		before := len(d.bad.list)
		d.single(r, &out[i], name)
		if len(d.bad.list) > before {
			out = out[:i+1]
			break // every process would have the same problem
		}
	}
	slices.SortStableFunc(out, func(a, b Process) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// unset gives the options that are not set, or only by a word, their meaning: those whose
// default is the value of another option.
func (d *decoder) unset(r *reader, p *Process) {
	if _, k := r.raw(r.row("numprocs")); p.Numprocs > maxProcs {
		r.wrong(k, KindBadNumber, "expected at most "+strconv.Itoa(maxProcs)+", got "+strconv.Itoa(p.Numprocs), "")
		p.Numprocs = 1
	}
	if _, _, ok := r.given(r.row("killasgroup")); !ok {
		p.KillAsGroup = p.StopAsGroup
	}
	if strings.EqualFold(trim(p.ServerURL), AutoLog) {
		p.ServerURL = ""
	}
	if !r.isSet("min_interval") {
		p.MinInterval = -1 // see inherit
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
		k = &Key{Name: o.Name, Pos: r.sec.Pos, ValuePos: r.sec.Pos}
	}
	name, bad := parseName(name)
	if bad != 0 {
		r.wrong(k, KindBadName, "expected a name without blanks, colons and slashes, got "+quote(name), "")
	}
	if procs > 1 && !strings.Contains(name, "%(process_num)") {
		r.wrong(k, KindNumprocs, "expected a name with %(process_num) because numprocs is "+strconv.Itoa(procs)+", got "+quote(name),
			"write process_name = %(program_name)s_%(process_num)02d")
	}
	return name
}

// single reads what may differ from process to process.
func (d *decoder) single(r *reader, p *Process, name string) {
	own := r.environment(r.row("environment"), false)
	r.n.own.setAll(own)
	p.Environment = mergeVars(d.cfg.Supervisord.Environment, own)
	d.program.Each(p, PerProcess, r.fill)
	d.output(r, &p.Stdout, "stdout_logfile")
	d.output(r, &p.Stderr, "stderr_logfile")
	if p.RedirectStderr {
		_, _, set := r.given(r.row("stderr_logfile"))
		if p.Stderr.Logfile != "" && p.Stderr.Logfile != AutoLog && set {
			d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored")
		}
		p.Stderr.Logfile = ""
	}
	d.command(r, p)
	expanded, err := r.n.expand(name, false)
	if err != nil {
		key, _, _ := r.given(r.row("process_name"))
		d.bad.add(r.n.problem(r.sec.Name, key, err))
	}
	p.Name = expanded
}

func (d *decoder) command(r *reader, p *Process) {
	o := r.row("command")
	command, k := r.raw(o)
	p.Command = command
	switch {
	case k != nil:
		split(p)
	case d.doc.lookup(r.sec, o.Name) == nil: // else it has been reported
		d.bad.add(&Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: KindNoCommand, Text: "expected a command setting",
			Hint: "write command = /path/to/program, or check the order of the files if another one has it"})
	}
}

// split makes the words of the command. A command that is none is a problem of
// the start, not of the file: Supervisor accepts it and fails to spawn.
func split(p *Process) {
	argv, err := SplitCommand(p.Command)
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
func (d *decoder) output(r *reader, o *Output, logfile string) {
	if o.Logfile == syslogWord {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], "+logfile+"=syslog but this is deprecated and will be removed.  Use "+
			strings.TrimSuffix(logfile, "logfile")+"syslog=true to enable syslog instead.")
		o.Logfile, o.Syslog = "", true
	}
	if o.Logfile == AutoLog && o.Maxbytes == 0 {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], AUTO logging used for "+logfile+
			" without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally")
	}
}
