package config

import (
	"slices"
	"strings"
	"time"

	"slipway/supervise/machine"
)

// reader gives the values of one section by the rows of its table. What is
// wrong becomes a problem and reads as the default, so that one pass finds all.
type reader struct {
	d   *decoder
	sec *Section
	set optionSet
	n   *names
}

// row gives the option of that name. There is one: names come from the code.
func (r *reader) row(name string) *Option { return r.set.option(name) }

// given tells whether the option is set in a file, and gives its value, with
// %(here)s replaced but not expanded.
func (r *reader) given(o *Option) (*Key, string, bool) {
	k := r.d.doc.lookup(r.sec, o.Name)
	if k == nil {
		return nil, "", false
	}
	return k, r.d.doc.text(k), true
}

// isSet tells whether the option of that name has a value of its own, which a file or the
// environment gives it.
func (r *reader) isSet(name string) bool {
	_, k := r.raw(r.row(name))
	return k != nil
}

// raw gives the expanded value of an option, or its default. k is nil when the
// value is the default, which is always right.
func (r *reader) raw(o *Option) (text string, k *Key) {
	if o.Env != "" {
		if v, ok := r.d.environ[o.Env]; ok {
			at := Pos{File: "environment variable " + o.Env}
			return v, &Key{Name: o.Name, Value: v, Pos: at, ValuePos: at, Literal: true}
		}
	}
	k, text, ok := r.given(o)
	if ok && !k.Literal && o.Type != TypeText {
		var err *formatError
		if text, err = r.n.expand(text, false); err != nil {
			r.d.bad.add(r.n.problem(r.sec.Name, k, err))
			ok = false
		}
	}
	if ok {
		return text, k
	}
	return r.d.def(o), nil
}

// def gives the default of a row in the mode that is decoded.
func (d *decoder) def(o *Option) string { return o.fallback(d.in.AsSupervisord) }

// wrong reports a value that is not what the row wants.
func (r *reader) wrong(k *Key, kind Kind, text, hint string) {
	r.d.bad.add(&Problem{Pos: k.ValuePos, Section: r.sec.Name, Key: k.Name, Kind: kind,
		Text: text, Hint: hint})
}

// expected reports a value that is none of the row's type.
func (r *reader) expected(o *Option, k *Key, got, hint string) {
	r.wrong(k, o.Type.kind(), "expected "+o.Type.Expected()+", got "+quote(got), hint)
}

// fill reads an option into its field. What the field is decides how: there is one case
// for every type of field, here, in same and where values are printed.
func (r *reader) fill(o *Option, field any) {
	switch f := field.(type) {
	case nil: // it is not its turn yet: only what cannot be expanded is found now
		r.raw(o)
	case *string:
		*f = r.string(o)
	case *bool:
		*f = r.bool(o)
	case *int:
		*f = r.int(o)
	case *int64:
		*f = r.size(o)
	case *time.Duration:
		*f = r.duration(o)
	case *[]string:
		*f = r.list(o)
	case *[]int:
		*f = r.exitcodes(o)
	case *[]Var:
		*f = r.environment(o, false)
	case **User:
		*f = r.user(o)
	case *machine.Restart:
		*f = r.restart(o)
	case *Loglevel:
		*f = r.level(o)
	case choice:
		choose(f, r.enum(o))
	case *Probe:
		*f = r.probe(o)
	case *Reload:
		*f = r.reload(o)
	case *Syslog:
		*f = r.syslog(o)
	}
}

func (r *reader) string(o *Option) string {
	switch o.Type {
	case TypeDir:
		return r.dir(o)
	case TypePath:
		s, k := r.raw(o)
		return r.checkPath(o, k, s)
	case TypeLog:
		return r.logfile(o)
	case TypeEnum:
		return r.enum(o)
	}
	s, _ := r.raw(o)
	return s
}

func (r *reader) int(o *Option) int {
	switch o.Type {
	case TypeOctal:
		return r.octal(o)
	case TypeSignal:
		return r.signal(o)
	case TypePort:
		return r.port(o)
	}
	s, k := r.raw(o)
	if n, ok := parseInt(s, 10); ok && n == int64(int(n)) {
		return int(n)
	} else if k != nil {
		r.expected(o, k, s, "")
	}
	n, _ := parseInt(r.d.def(o), 10)
	return int(n)
}

func (r *reader) bool(o *Option) bool {
	s, k := r.raw(o)
	b, ok := parseBool(s)
	if !ok && k != nil {
		r.expected(o, k, s, didYouMean(s, boolWords))
		b, _ = parseBool(r.d.def(o))
	}
	return b
}

var boolWords = []string{"true", "false", "yes", "no", "on", "off"}

func (r *reader) size(o *Option) int64 {
	s, k := r.raw(o)
	n, ok := parseSize(s)
	if !ok && k != nil {
		hint := ""
		if len(s) > 1 && strings.ContainsAny(s[len(s)-1:], "kKmMgG") {
			hint = "did you mean " + quote(s+"B") + "?"
		}
		r.expected(o, k, s, hint)
		n, _ = parseSize(r.d.def(o))
	}
	return n
}

// octal gives -1 when there is neither a value nor a default.
func (r *reader) octal(o *Option) int {
	s, k := r.raw(o)
	n, ok := parseInt(s, 8)
	if !ok && k != nil {
		r.expected(o, k, s, "")
		n, ok = parseInt(r.d.def(o), 8)
	}
	if !ok {
		return -1
	}
	return int(n)
}

// port gives 0 when there is none.
func (r *reader) port(o *Option) int {
	s, k := r.raw(o)
	n, ok := parseInt(s, 10)
	if k != nil && (!ok || n < 1 || n > 65535) {
		r.expected(o, k, s, "")
	}
	return int(n)
}

func (r *reader) exitcodes(o *Option) []int {
	s, k := r.raw(o)
	codes, ok := parseExitcodes(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
	}
	return codes
}

func (r *reader) signal(o *Option) int {
	s, k := r.raw(o)
	n, ok := SignalNumber(s)
	if !ok && k != nil {
		r.expected(o, k, s, nearSignal(s))
		n, _ = SignalNumber(r.d.def(o))
	}
	return n
}

func nearSignal(s string) string {
	return didYouMean(strings.TrimPrefix(strings.ToUpper(trim(s)), "SIG"), signalNames[1:])
}

func (r *reader) restart(o *Option) machine.Restart {
	s, k := r.raw(o)
	v, ok := parseRestart(s)
	if !ok && k != nil {
		hint := didYouMean(s, append([]string{"unexpected"}, boolWords...))
		if strings.HasPrefix(strings.ToLower(s), "al") {
			hint = `Supervisor's word for always is "true"`
		}
		r.expected(o, k, s, hint)
	}
	return v
}

func (r *reader) level(o *Option) Loglevel {
	s, k := r.raw(o)
	v, ok := parseLevel(s)
	if !ok && k != nil {
		r.expected(o, k, s, didYouMean(s, levelNames[:]))
	}
	return v
}

func (r *reader) enum(o *Option) string {
	s, k := r.raw(o)
	if k == nil || slices.Contains(o.Choices, strings.ToLower(s)) {
		return strings.ToLower(s)
	}
	last := len(o.Choices) - 1
	words := strings.Join(o.Choices[:last], ", ") + " or " + o.Choices[last]
	r.wrong(k, KindOther, "expected "+words+", got "+quote(s), didYouMean(s, o.Choices))
	return r.d.def(o)
}

func (r *reader) duration(o *Option) time.Duration {
	if o.Type == TypeInt {
		return seconds(int64(r.int(o)))
	}
	s, k := r.raw(o)
	v, ok := parseDuration(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
		v, _ = parseDuration(r.d.def(o))
	}
	return v
}

func (r *reader) list(o *Option) []string {
	s, _ := r.raw(o)
	if o.Type == TypeList {
		return parseList(s)
	}
	return parseWords(s)
}

// dir gives an existing folder, ~ expanded; "" when it is not set.
func (r *reader) dir(o *Option) string {
	s, k := r.raw(o)
	if k == nil {
		return s
	}
	dir := r.d.paths.expandUser(s)
	if !r.d.isDir(dir) {
		r.expected(o, k, s, "create it in the image: RUN mkdir -p "+dir)
	}
	return dir
}

// checkPath gives a file whose folder exists, ~ expanded.
func (r *reader) checkPath(o *Option, k *Key, s string) string {
	full := r.d.paths.expandUser(s)
	if isStdio(full) {
		return full
	}
	if dir := dirname(full); k != nil && dir != "" && !r.d.isDir(dir) {
		r.wrong(k, o.Type.kind(), "expected "+o.Type.Expected()+", got "+quote(s)+": there is no folder "+quote(dir),
			"create it in the image: RUN mkdir -p "+dir)
	}
	return full
}

// logfile reads the log file of a channel, which is expanded twice.
func (r *reader) logfile(o *Option) string {
	k, text, ok := r.given(o)
	if !ok {
		return r.d.def(o)
	}
	if !k.Literal {
		var err *formatError
		if text, err = r.n.expandTwice(text); err != nil {
			r.d.bad.add(r.n.problem(r.sec.Name, k, err))
			return ""
		}
	}
	switch strings.ToLower(text) {
	case "none", "off":
		return ""
	case "auto":
		return AutoLog
	case "syslog":
		return syslogWord
	}
	return r.checkPath(o, k, text)
}

// user gives the account of a setting, nil without one.
func (r *reader) user(o *Option) *User {
	s, k := r.raw(o)
	if k == nil {
		return nil
	}
	uid, ok := r.d.uid(s)
	if !ok {
		r.wrong(k, o.Type.kind(), "expected the name or number of a user of this machine, got "+quote(s),
			"add the user in the image, for instance: RUN useradd --system "+s)
		return nil
	}
	return r.d.user(uid, s)
}

// owner gives the numbers of user or user:group; -1 for unchanged.
func (r *reader) owner(o *Option) (uid, gid int, set bool) {
	s, k := r.raw(o)
	if k == nil {
		return -1, -1, false
	}
	name, group, both := strings.Cut(s, ":")
	uid, ok := r.d.uid(name)
	gid = -1
	unknown := "user " + quote(name)
	if ok && both {
		unknown = "group " + quote(group)
		gid, ok = r.d.gid(group)
	}
	if !ok {
		r.expected(o, k, s, "there is no "+unknown+": add it in the image")
	}
	return uid, gid, ok
}

func (r *reader) probe(o *Option) Probe {
	s, k := r.raw(o)
	p, ok := ParseProbe(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
	}
	return p
}

func (r *reader) reload(o *Option) Reload {
	s, k := r.raw(o)
	v, ok := ParseReload(s)
	switch verb, name, _ := strings.Cut(s, " "); {
	case ok || k == nil:
	case verb == "signal":
		r.wrong(k, KindBadSignal, "expected "+o.Type.Expected()+", got "+quote(s), nearSignal(name))
	default:
		r.expected(o, k, s, "")
	}
	return v
}

// syslog reads where lines for syslog go.
func (r *reader) syslog(o *Option) Syslog {
	s, k := r.raw(o)
	if rest, ok := strings.CutPrefix(s, "udp://"); ok {
		host, port, wrong := parseInet(rest)
		addr, numeric := parseIPv4(host)
		if wrong == "" && numeric {
			return Syslog{Addr: addr, Port: port}
		}
	} else if strings.HasPrefix(s, "/") {
		return Syslog{Path: s}
	}
	r.wrong(k, KindOther, "expected a path or udp://ADDRESS:PORT with a numeric IPv4 address, got "+quote(s), "")
	return Syslog{Path: s}
}

// environment gives the variables of a setting and what later files add to it.
func (r *reader) environment(o *Option, twice bool) []Var {
	name := o.Name
	k := r.d.doc.lookup(r.sec, name)
	var vars varSet
	after := 0
	if k != nil {
		r.pairs(&vars, k, twice)
		after = k.seq
	}
	add := r.sec.Key(name + "+")
	if add == nil {
		return vars.list
	}
	for i := range add.Shadowed {
		if add.Shadowed[i].seq > after {
			r.pairs(&vars, &add.Shadowed[i], twice)
		}
	}
	if add.seq > after {
		r.pairs(&vars, add, twice)
	}
	return vars.list
}

// pairs sets the variables of a value.
func (r *reader) pairs(vars *varSet, k *Key, twice bool) {
	expand := func(s string) (string, *formatError) { return r.n.expand(s, false) }
	if twice {
		expand = r.n.expandTwice
	}
	whole := r.d.doc.text(k)
	text, err := expand(whole)
	if err != nil {
		r.d.bad.add(r.n.problem(r.sec.Name, k, err))
		return
	}
	more, note, bad := parsePairs(text)
	if bad != nil {
		p := &Problem{Pos: k.ValuePos, Section: r.sec.Name, Key: k.Name, Kind: KindBadEnvironment}
		if text == k.Value {
			p.Pos, p.Text, p.Hint = k.At(bad.at), bad.text, bad.hint
		} else { // what was inserted may be a secret
			p.Text = "expected KEY=value pairs separated by commas, which this is not once it is expanded"
			p.Hint = "put quotes around every %(…)s, and see that its value has none"
		}
		r.d.bad.add(p)
		return
	}
	if note != "" && text == k.Value {
		r.d.note(k.ValuePos, "["+r.sec.Name+"]: environment: "+note, "put the value into quotes, and a comma between variables")
	}
	if vars.list == nil {
		vars.list = more
		return
	}
	vars.setAll(more)
}

func (d *decoder) isDir(dir string) bool {
	return d.sys.IsDir(join(d.paths.dir, dir))
}

func (d *decoder) uid(s string) (int, bool) {
	if n, ok := parseInt(s, 10); ok {
		_, ok = d.sys.UserByID(int(n))
		return int(n), ok
	}
	a, ok := d.sys.UserByName(s)
	return a.UID, ok
}

func (d *decoder) gid(s string) (int, bool) {
	if n, ok := parseInt(s, 10); ok {
		return int(n), d.sys.GroupByID(int(n))
	}
	return d.sys.GroupByName(s)
}

// user gives the account with the groups in the order of setgroups(2).
func (d *decoder) user(uid int, given string) *User {
	a, _ := d.sys.UserByID(uid)
	return &User{Name: a.Name, Given: given, Home: a.Home, UID: uid, GID: a.GID,
		Groups: append([]int{a.GID}, d.sys.MemberOf(a.Name)...)}
}
