package decode

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/signals"
	"slipway/supervise/system"
	"slipway/supervise/words"
)

// reader gives the values of one section by the rows of its table. What is
// wrong becomes a problem and reads as the default, so that one pass finds all.
type reader struct {
	d   *decoder
	sec *dialect.Section
	set config.OptionSet
	n   *dialect.Names
}

// row gives the option of that name. There is one: names come from the code.
func (r *reader) row(name string) *config.Option { return r.set.Option(name) }

// given tells whether the option is set in a file, and gives its value, with
// %(here)s replaced but not expanded.
func (r *reader) given(o *config.Option) (*dialect.Key, string, bool) {
	k := r.d.doc.Lookup(r.sec, o.Name)
	if k == nil {
		return nil, "", false
	}
	return k, r.d.doc.Text(k), true
}

// isSet tells whether the option of that name has a value of its own, which a file or the
// environment gives it.
func (r *reader) isSet(name string) bool {
	_, k := r.raw(r.row(name))
	return k != nil
}

// raw gives the expanded value of an option, or its default. k is nil when the
// value is the default, which is always right.
func (r *reader) raw(o *config.Option) (text string, k *dialect.Key) {
	if o.Env != "" {
		if v, ok := r.d.environ[o.Env]; ok {
			at := dialect.Pos{File: "environment variable " + o.Env}
			return v, &dialect.Key{Name: o.Name, Value: v, Pos: at, ValuePos: at, Literal: true}
		}
	}
	k, text, ok := r.given(o)
	if ok && !k.Literal && o.Type != config.TypeText {
		var err *dialect.FormatError
		if text, err = r.n.Expand(text, false); err != nil {
			r.d.bad.Add(r.n.Problem(r.sec.Name, k, err))
			ok = false
		}
	}
	if ok {
		return text, k
	}
	return r.d.def(o), nil
}

// def gives the default of a row in the mode that is decoded.
func (d *decoder) def(o *config.Option) string { return o.Fallback(d.in.AsSupervisord) }

// wrong reports a value that is not what the row wants.
func (r *reader) wrong(k *dialect.Key, kind dialect.Kind, text, hint string) {
	r.d.bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: r.sec.Name, Key: k.Name, Kind: kind,
		Text: text, Hint: hint})
}

// expected reports a value that is none of the row's type.
func (r *reader) expected(o *config.Option, k *dialect.Key, got, hint string) {
	r.wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(got), hint)
}

// fill reads an option into its field. What the field is decides how: there is one case
// for every type of field, here, in same and where values are printed.
func (r *reader) fill(o *config.Option, field any) {
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
		if o.Type == config.TypeSignals {
			r.words(o, func(words []string) (m *signals.Mistake) { *f, m = signals.ParseList(words); return m })
		} else {
			*f = r.exitcodes(o)
		}
	case *[]dialect.Var:
		*f = r.environment(o, false)
	case **config.User:
		*f = r.user(o)
	case *machine.Restart:
		*f = r.restart(o)
	case *config.Loglevel:
		*f = r.level(o)
	case config.Choice:
		config.Choose(f, r.enum(o))
	case *config.Probe:
		*f = r.probe(o)
	case *config.Reload:
		*f = r.reload(o)
	case *machine.Pause:
		*f = r.pause(o)
	case *[]signals.Route:
		r.words(o, func(words []string) (m *signals.Mistake) { *f, m = signals.ParseRoutes(words); return m })
	case *config.Syslog:
		*f = r.syslog(o)
	}
}

func (r *reader) string(o *config.Option) string {
	switch o.Type {
	case config.TypeDir:
		return r.dir(o)
	case config.TypePath:
		s, k := r.raw(o)
		return r.checkPath(o, k, s)
	case config.TypeLog:
		return r.logfile(o)
	case config.TypeEnum:
		return r.enum(o)
	}
	s, _ := r.raw(o)
	return s
}

func (r *reader) int(o *config.Option) int {
	switch o.Type {
	case config.TypeOctal:
		return r.octal(o)
	case config.TypeSignal:
		return r.signal(o)
	case config.TypePort:
		return r.port(o)
	}
	s, k := r.raw(o)
	if n, ok := dialect.ParseInt(s, 10); ok && n == int64(int(n)) {
		return int(n)
	} else if k != nil {
		r.expected(o, k, s, "")
	}
	n, _ := dialect.ParseInt(r.d.def(o), 10)
	return int(n)
}

func (r *reader) bool(o *config.Option) bool {
	s, k := r.raw(o)
	b, ok := text.Bool(s)
	if !ok && k != nil {
		r.expected(o, k, s, dialect.DidYouMean(s, boolWords))
		b, _ = text.Bool(r.d.def(o))
	}
	return b
}

var boolWords = []string{"true", "false", "yes", "no", "on", "off"}

func (r *reader) size(o *config.Option) int64 {
	s, k := r.raw(o)
	n, ok := text.Size(s)
	if !ok && k != nil {
		hint := ""
		if len(s) > 1 && strings.ContainsAny(s[len(s)-1:], "kKmMgG") {
			hint = "did you mean " + dialect.Quote(s+"B") + "?"
		}
		r.expected(o, k, s, hint)
		n, _ = text.Size(r.d.def(o))
	}
	return n
}

// octal gives -1 when there is neither a value nor a default.
func (r *reader) octal(o *config.Option) int {
	s, k := r.raw(o)
	n, ok := dialect.ParseInt(s, 8)
	if !ok && k != nil {
		r.expected(o, k, s, "")
		n, ok = dialect.ParseInt(r.d.def(o), 8)
	}
	if !ok {
		return -1
	}
	return int(n)
}

// port gives 0 when there is none.
func (r *reader) port(o *config.Option) int {
	s, k := r.raw(o)
	n, ok := dialect.ParseInt(s, 10)
	if k != nil && (!ok || n < 1 || n > 65535) {
		r.expected(o, k, s, "")
	}
	return int(n)
}

func (r *reader) exitcodes(o *config.Option) []int {
	s, k := r.raw(o)
	codes, ok := text.Exitcodes(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
	}
	return codes
}

func (r *reader) signal(o *config.Option) int {
	s, k := r.raw(o)
	n, ok := dialect.SignalNumber(s)
	if !ok && k != nil {
		r.expected(o, k, s, signals.Near(s))
		n, _ = dialect.SignalNumber(r.d.def(o))
	}
	return n
}

func (r *reader) restart(o *config.Option) machine.Restart {
	s, k := r.raw(o)
	v, ok := config.ParseRestart(s)
	if !ok && k != nil {
		hint := dialect.DidYouMean(s, append([]string{"unexpected"}, boolWords...))
		if strings.HasPrefix(strings.ToLower(s), "al") {
			hint = `Supervisor's word for always is "true"`
		}
		r.expected(o, k, s, hint)
	}
	return v
}

func (r *reader) level(o *config.Option) config.Loglevel {
	s, k := r.raw(o)
	v, ok := config.ParseLevel(s)
	if !ok && k != nil {
		r.expected(o, k, s, dialect.DidYouMean(s, config.LevelNames[:]))
	}
	return v
}

func (r *reader) enum(o *config.Option) string {
	s, k := r.raw(o)
	if k == nil || slices.Contains(o.Choices, strings.ToLower(s)) {
		return strings.ToLower(s)
	}
	r.wrong(k, dialect.KindOther, "expected "+words.Or(o.Choices)+", got "+dialect.Quote(s), dialect.DidYouMean(s, o.Choices))
	return r.d.def(o)
}

func (r *reader) duration(o *config.Option) time.Duration {
	if o.Type == config.TypeInt {
		return text.Seconds(int64(r.int(o)))
	}
	s, k := r.raw(o)
	v, ok := text.Duration(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
		v, _ = text.Duration(r.d.def(o))
	}
	return v
}

func (r *reader) list(o *config.Option) []string {
	s, _ := r.raw(o)
	if o.Type == config.TypeList {
		return text.List(s)
	}
	return text.Words(s)
}

// dir gives an existing folder, ~ expanded; "" when it is not set.
func (r *reader) dir(o *config.Option) string {
	s, k := r.raw(o)
	if k == nil {
		return s
	}
	dir := r.d.paths.ExpandUser(s)
	if !r.d.isDir(dir) {
		r.expected(o, k, s, "create it in the image: RUN mkdir -p "+dir)
	}
	return dir
}

// checkPath gives a file whose folder exists, ~ expanded.
func (r *reader) checkPath(o *config.Option, k *dialect.Key, s string) string {
	full := r.d.paths.ExpandUser(s)
	if system.IsStdio(full) {
		return full
	}
	if dir := dialect.Dirname(full); k != nil && dir != "" && !r.d.isDir(dir) {
		r.wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(s)+": there is no folder "+dialect.Quote(dir),
			"create it in the image: RUN mkdir -p "+dir)
	}
	return full
}

// logfile reads the log file of a channel, which is expanded twice.
func (r *reader) logfile(o *config.Option) string {
	k, text, ok := r.given(o)
	if !ok {
		return r.d.def(o)
	}
	if !k.Literal {
		var err *dialect.FormatError
		if text, err = r.n.ExpandTwice(text); err != nil {
			r.d.bad.Add(r.n.Problem(r.sec.Name, k, err))
			return ""
		}
	}
	switch strings.ToLower(text) {
	case "none", "off":
		return ""
	case "auto":
		return config.AutoLog
	case "syslog":
		return config.SyslogWord
	}
	return r.checkPath(o, k, text)
}

// user gives the account of a setting, nil without one.
func (r *reader) user(o *config.Option) *config.User {
	s, k := r.raw(o)
	if k == nil {
		return nil
	}
	if uid, ok := r.d.uid(s); ok {
		return r.d.user(uid, s)
	}
	if u := r.numericUser(k, s); u != nil {
		return u
	}
	r.wrong(k, o.Type.Kind(), "expected the name or number of a user of this machine, got "+dialect.Quote(s),
		"add the user in the image, for instance: RUN useradd --system "+s)
	return nil
}

// maxID is the greatest number of a user or group; the one after it means none.
const maxID = 1<<32 - 2

// bareID gives the number of a user or group that no account need have.
func (d *decoder) bareID(s string) (int, bool) {
	n, ok := dialect.ParseInt(s, 10)
	return int(n), ok && n >= 0 && n <= maxID && n == int64(int(n)) && !d.in.AsSupervisord
}

// numericUser gives the user of a number that no account has, or of a name or number with a
// group behind a colon; nil if it is neither. As in Docker, a container needs no account
// files. Supervisor knows accounts only.
func (r *reader) numericUser(k *dialect.Key, s string) *config.User {
	if r.d.in.AsSupervisord {
		return nil
	}
	name, group, both := strings.Cut(s, ":")
	var u *config.User
	if uid, ok := r.d.uid(name); ok {
		u = r.d.user(uid, s)
	} else if n, ok := r.d.bareID(name); ok {
		number := strconv.Itoa(n)
		u = &config.User{Name: number, Given: s, Home: "/", UID: n, GID: n, Groups: []int{n}}
		if !both {
			r.d.note(k.ValuePos, "["+r.sec.Name+"]: user: no account has the number "+number+"; its group is "+number+", too",
				"write "+k.Name+" = "+number+":GROUP for another one")
		}
	}
	if u == nil || !both {
		return u
	}
	gid, ok := r.d.gid(group)
	if !ok {
		if gid, ok = r.d.bareID(group); !ok {
			return nil
		}
	}
	u.GID, u.Groups = gid, []int{gid} // as Docker does: the groups of the account are not meant
	return u
}

// owner gives the numbers of user or user:group; -1 for unchanged.
func (r *reader) owner(o *config.Option) (uid, gid int, set bool) {
	s, k := r.raw(o)
	if k == nil {
		return -1, -1, false
	}
	name, group, both := strings.Cut(s, ":")
	uid, ok := r.d.uid(name)
	if !ok {
		uid, ok = r.d.bareID(name)
	}
	gid = -1
	unknown := "user " + dialect.Quote(name)
	if ok && both {
		unknown = "group " + dialect.Quote(group)
		if gid, ok = r.d.gid(group); !ok {
			gid, ok = r.d.bareID(group)
		}
	}
	if !ok {
		r.expected(o, k, s, "there is no "+unknown+": add it in the image")
	}
	return uid, gid, ok
}

func (r *reader) probe(o *config.Option) config.Probe {
	s, k := r.raw(o)
	p, ok := config.ParseProbe(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
	}
	return p
}

func (r *reader) reload(o *config.Option) config.Reload {
	s, k := r.raw(o)
	v, ok := config.ParseReload(s)
	switch verb, name, _ := strings.Cut(s, " "); {
	case ok || k == nil:
	case verb == "signal":
		r.wrong(k, dialect.KindBadSignal, "expected "+o.Type.Expected()+", got "+dialect.Quote(s), signals.Near(name))
	default:
		r.expected(o, k, s, "")
	}
	return v
}

// pause gives the zero Pause when there is neither a value nor a default.
func (r *reader) pause(o *config.Option) machine.Pause {
	s, k := r.raw(o)
	p, ok := config.ParsePause(s)
	if !ok && k != nil {
		r.expected(o, k, s, "")
		p, _ = config.ParsePause(r.d.def(o))
	}
	return p
}

// syslog reads where lines for syslog go.
func (r *reader) syslog(o *config.Option) config.Syslog {
	s, k := r.raw(o)
	if rest, ok := strings.CutPrefix(s, "udp://"); ok {
		host, port, wrong := text.Inet(rest)
		addr, numeric := text.IPv4(host)
		if wrong == "" && numeric {
			return config.Syslog{Addr: addr, Port: port}
		}
	} else if strings.HasPrefix(s, "/") {
		return config.Syslog{Path: s}
	}
	r.wrong(k, dialect.KindOther, "expected a path or udp://ADDRESS:PORT with a numeric IPv4 address, got "+dialect.Quote(s), "")
	return config.Syslog{Path: s}
}

// environment gives the variables of a setting and what later files add to it.
func (r *reader) environment(o *config.Option, twice bool) []dialect.Var {
	name := o.Name
	k := r.d.doc.Lookup(r.sec, name)
	var vars dialect.VarSet
	after := 0
	if k != nil {
		r.pairs(&vars, k, twice)
		after = k.Seq
	}
	add := r.sec.Key(name + "+")
	if add == nil {
		return vars.List
	}
	for i := range add.Shadowed {
		if add.Shadowed[i].Seq > after {
			r.pairs(&vars, &add.Shadowed[i], twice)
		}
	}
	if add.Seq > after {
		r.pairs(&vars, add, twice)
	}
	return vars.List
}

// pairs sets the variables of a value.
func (r *reader) pairs(vars *dialect.VarSet, k *dialect.Key, twice bool) {
	expand := func(s string) (string, *dialect.FormatError) { return r.n.Expand(s, false) }
	if twice {
		expand = r.n.ExpandTwice
	}
	whole := r.d.doc.Text(k)
	text, err := expand(whole)
	if err != nil {
		r.d.bad.Add(r.n.Problem(r.sec.Name, k, err))
		return
	}
	more, note, bad := dialect.ParsePairs(text)
	if bad != nil {
		p := &dialect.Problem{Pos: k.ValuePos, Section: r.sec.Name, Key: k.Name, Kind: dialect.KindBadEnvironment}
		if text == k.Value {
			p.Pos, p.Text, p.Hint = k.At(bad.At), bad.Text, bad.Hint
		} else { // what was inserted may be a secret
			p.Text = "expected KEY=value pairs separated by commas, which this is not once it is expanded"
			p.Hint = "put quotes around every %(…)s, and see that its value has none"
		}
		r.d.bad.Add(p)
		return
	}
	if note != "" && text == k.Value {
		r.d.note(k.ValuePos, "["+r.sec.Name+"]: environment: "+note, "put the value into quotes, and a comma between variables")
	}
	if vars.List == nil {
		vars.List = more
		return
	}
	vars.SetAll(more)
}

func (d *decoder) isDir(dir string) bool {
	return d.sys.IsDir(dialect.Join(d.paths.Dir, dir))
}

func (d *decoder) uid(s string) (int, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		_, ok = d.sys.UserByID(int(n))
		return int(n), ok
	}
	a, ok := d.sys.UserByName(s)
	return a.UID, ok
}

func (d *decoder) gid(s string) (int, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		return int(n), d.sys.GroupByID(int(n))
	}
	return d.sys.GroupByName(s)
}

// user gives the account with the groups in the order of setgroups(2).
func (d *decoder) user(uid int, given string) *config.User {
	a, _ := d.sys.UserByID(uid)
	return &config.User{Name: a.Name, Given: given, Home: a.Home, Shell: a.Shell, UID: uid, GID: a.GID,
		Groups: append([]int{a.GID}, d.sys.MemberOf(a.Name)...)}
}
