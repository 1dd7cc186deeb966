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
func (d *decoder) processes(s *Section, group string, kind GroupKind) []Process {
	r := d.reader(s, programOptions[:], hasHere|hasHost|hasProgram|hasGroup)
	p := Process{Group: group, Pos: s.Pos}
	p.Program = d.name(s, after(s.Name))
	r.n.program, r.n.group = p.Program, group

	procs, start := d.common(r, &p)
	_, name, ok := r.given(pProcessName)
	if !ok {
		name = programOptions[pProcessName].Default
	}
	name = r.processName(name, procs)
	d.asgroup(r, &p)
	d.own(r, &p)

	r.n.has |= hasNum
	r.n.procs = procs
	out := make([]Process, 0, max(procs, 0))
	for num := start; num < start+procs; num++ {
		q := p
		q.Num, r.n.num = num, num
		before := len(d.bad.list)
		d.single(r, &q, name, kind)
		out = append(out, q)
		if len(d.bad.list) > before {
			break // every process would have the same problem
		}
	}
	slices.SortStableFunc(out, func(a, b Process) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// common reads what all processes of the program share.
func (d *decoder) common(r *reader, p *Process) (procs, start int) {
	p.Priority = r.int(pPriority)
	p.Autostart = r.bool(pAutostart)
	p.Autorestart = r.restart(pAutorestart)
	p.StartSecs = seconds(int64(r.int(pStartsecs)))
	p.StartRetries = r.int(pStartretries)
	p.StopSignal = r.signal(pStopsignal)
	p.StopWait = seconds(int64(r.int(pStopwaitsecs)))
	p.StopAsGroup = r.bool(pStopasgroup)
	p.KillAsGroup = p.StopAsGroup
	if _, _, ok := r.given(pKillasgroup); ok {
		p.KillAsGroup = r.bool(pKillasgroup)
	}
	p.ExitCodes = r.exitcodes(pExitcodes)
	p.RedirectStderr = r.bool(pRedirectStderr)
	procs, start = r.int(pNumprocs), r.int(pNumprocsStart)
	if _, k := r.raw(pNumprocs); procs > maxProcs {
		r.wrong(pNumprocs, k, KindBadNumber, "expected at most "+strconv.Itoa(maxProcs)+", got "+strconv.Itoa(procs), "")
		procs = 1
	}
	p.Stdout.CaptureMaxbytes = r.size(pStdoutCapture)
	p.Stdout.EventsEnabled = r.bool(pStdoutEvents)
	p.Stderr.CaptureMaxbytes = r.size(pStderrCapture)
	p.Stderr.EventsEnabled = r.bool(pStderrEvents)
	if url := r.string(pServerurl); !strings.EqualFold(trim(url), "AUTO") {
		p.ServerURL = url
	}
	p.User = r.user(pUser)
	p.Umask = -1
	if _, k := r.raw(pUmask); k != nil {
		p.Umask = r.octal(pUmask, KindBadOctal)
	}
	return procs, start
}

// processName checks process_name before it is expanded, as Supervisor does.
func (r *reader) processName(name string, procs int) string {
	name, bad := parseName(name)
	k, _, ok := r.given(pProcessName)
	if !ok {
		k = &Key{Name: programOptions[pProcessName].Name, Pos: r.sec.Pos, ValuePos: r.sec.Pos}
	}
	if bad != 0 {
		r.wrong(pProcessName, k, KindBadName, "expected a name without blanks, colons and slashes, got "+quote(name), "")
	}
	if procs > 1 && !strings.Contains(name, "%(process_num)") {
		r.wrong(pProcessName, k, KindNumprocs, "expected a name with %(process_num) because numprocs is "+strconv.Itoa(procs)+", got "+quote(name),
			"write process_name = %(program_name)s_%(process_num)02d")
	}
	return name
}

func (d *decoder) asgroup(r *reader, p *Process) {
	if p.StopAsGroup && !p.KillAsGroup {
		k, _, _ := r.given(pKillasgroup)
		r.wrong(pKillasgroup, k, KindAsgroup, "expected true because stopasgroup is true", "take killasgroup out")
	}
}

// single reads what may differ from process to process.
func (d *decoder) single(r *reader, p *Process, name string, kind GroupKind) {
	own := r.environment(pEnvironment, false)
	for _, v := range own {
		r.n.own = setVar(r.n.own, v.Name, v.Value)
	}
	p.Environment = mergeVars(d.cfg.Supervisord.Environment, own)
	p.Directory = r.string(pDirectory)
	d.output(r, &p.Stdout, pStdoutLogfile)
	d.output(r, &p.Stderr, pStderrLogfile)
	if p.RedirectStderr {
		if p.Stderr.Logfile != "" && p.Stderr.Logfile != AutoLog && p.Stderr.set {
			d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored")
		}
		p.Stderr.Logfile = ""
	}
	command, k := r.raw(pCommand)
	p.Command = command
	if k == nil {
		if d.doc.lookup(r.sec, programOptions[pCommand].Name) == nil { // else it has been reported
			d.bad.add(&Problem{Pos: r.sec.Pos, Section: r.sec.Name, Kind: KindNoCommand, Text: "expected a command setting",
				Hint: "write command = /path/to/program, or check the order of the files if another one has it"})
		}
	} else {
		p.split()
	}
	expanded, err := r.n.expand(name, false)
	if err != nil {
		key, _, _ := r.given(pProcessName)
		d.bad.add(r.n.problem(r.sec.Name, key, err))
	}
	p.Name = expanded
}

// split makes the words of the command. A command that is none is a problem of
// the start, not of the file: Supervisor accepts it and fails to spawn.
func (p *Process) split() {
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

// output reads the rows logfile, maxbytes, backups and, two further, syslog.
func (d *decoder) output(r *reader, o *Output, first int) {
	name := programOptions[first].Name
	o.Logfile, o.set = d.logfile(r, first)
	o.Backups = r.int(first + 2)
	o.Maxbytes = r.size(first + 1)
	o.Syslog = r.bool(first + 5)
	if o.Logfile == "syslog" {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], "+name+"=syslog but this is deprecated and will be removed.  Use "+
			strings.TrimSuffix(name, "logfile")+"syslog=true to enable syslog instead.")
		o.Logfile, o.Syslog = "", true
	}
	if o.Logfile == AutoLog && o.Maxbytes == 0 {
		d.cfg.Warnings = append(d.cfg.Warnings, "For ["+r.sec.Name+"], AUTO logging used for "+name+
			" without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally")
	}
}

// logfile reads the log file of a channel, which is expanded twice.
func (d *decoder) logfile(r *reader, id int) (file string, set bool) {
	k, text, ok := r.given(id)
	if !ok {
		return d.def(&programOptions[id]), false
	}
	if !k.Literal {
		var err *formatError
		if text, err = r.n.expandTwice(text); err != nil {
			d.bad.add(r.n.problem(r.sec.Name, k, err))
			return "", true
		}
	}
	switch strings.ToLower(text) {
	case "none", "off":
		return "", true
	case "auto":
		return AutoLog, true
	case "syslog":
		return "syslog", true
	}
	return r.checkPath(id, k, text), true
}

// own reads slipway's options of a program.
func (d *decoder) own(r *reader, p *Process) {
	switch r.enum(pOnExit) {
	case "restart":
		p.OnExit = OnExitRestart
	case "shutdown":
		p.OnExit = OnExitShutdown
	}
	p.OnFatal = r.enum(pOnFatal)
	p.DependsOn = r.words(pDependsOn)
	p.RestartWith = r.words(pRestartWith)
	p.Ready = r.probe(pReady)
	p.ReadyInterval = r.duration(pReadyInterval)
	p.ReadyTimeout = r.duration(pReadyTimeout)
	p.Health.Probe = r.probe(pHealth)
	p.Health.Interval = r.duration(pHealthInterval)
	p.Health.Timeout = r.duration(pHealthTimeout)
	p.Health.Retries = r.int(pHealthRetries)
	p.Health.Action = r.enum(pHealthAction)
	p.Reload = r.reload(pReload)
	p.MinInterval = r.duration(pMinInterval)
	if _, k := r.raw(pMinInterval); k == nil {
		p.MinInterval = -1 // see inherit
	}
	p.Strays = r.enum(pStrays)
	if _, k := r.raw(pSecrets); k != nil {
		p.Secrets = append([]string{}, r.words(pSecrets)...) // none is not nil
	}
}

// probe checks the form of a probe.
func (r *reader) probe(id int) string {
	s, k := r.raw(id)
	if k == nil {
		return s
	}
	scheme, rest, ok := strings.Cut(s, ":")
	switch scheme {
	case "tcp", "unix", "http", "https":
		rest, ok = strings.CutPrefix(rest, "//")
		ok = ok && rest != ""
		if ok && scheme == "tcp" {
			host, _, wrong := parseInet(rest)
			ok = wrong == "" && host != ""
		}
	case "exec", "file":
		ok = ok && trim(rest) != ""
	case "fd":
		n, numeric := parseInt(rest, 10)
		ok = numeric && n >= 3 && n < 256 // those below it have to be made for it
	default:
		ok = s == "notify"
	}
	if !ok {
		r.expected(id, k, KindOther, s, "")
	}
	return s
}

// reload checks the form of a reload action.
func (r *reader) reload(id int) string {
	s, k := r.raw(id)
	if k == nil {
		return s
	}
	verb, rest, _ := strings.Cut(s, " ")
	switch verb {
	case "restart", "none":
		if rest == "" {
			return s
		}
	case "command":
		if words, err := SplitCommand(rest); err == nil && len(words) > 0 {
			return s
		}
	case "signal":
		if n, ok := SignalNumber(rest); ok && n > 0 {
			return s
		}
		r.expected(id, k, KindBadSignal, s, didYouMean(strings.TrimPrefix(strings.ToUpper(trim(rest)), "SIG"), signalNames[1:]))
		return s
	}
	r.expected(id, k, KindOther, s, "")
	return s
}
