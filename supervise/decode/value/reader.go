package value

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/config"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
	"slipway/supervise/machine"
	"slipway/supervise/signals"
	"slipway/supervise/system"
	"slipway/supervise/words"
)

// Context is what the values of all sections are read under.
type Context struct {
	Doc     *dialect.Document
	Sys     system.System
	Paths   dialect.Paths
	Environ map[string]string // of the process
	// AsSupervisord reads as supervisord does.
	AsSupervisord bool
	// Bad takes in what is wrong, and Note what is worth a warning.
	Bad  dialect.Report
	Note func(at dialect.Pos, text, hint string)
}

// Reader gives the values of one section by the rows of its table. What is
// wrong becomes a problem and reads as the default, so that one pass finds all.
type Reader struct {
	Section *dialect.Section
	Names   *dialect.Names // that values may have
	c       *Context
	set     config.OptionSet
}

// Reader reads the section s by the rows of set.
func (c *Context) Reader(s *dialect.Section, set config.OptionSet, names *dialect.Names) *Reader {
	return &Reader{Section: s, Names: names, c: c, set: set}
}

// Row gives the option of that name. There is one: names come from the code.
func (r *Reader) Row(name string) *config.Option { return r.set.Option(name) }

// Given tells whether the option is set in a file, and gives its value, with
// %(here)s replaced but not expanded.
func (r *Reader) Given(o *config.Option) (*dialect.Key, string, bool) {
	k := r.c.Doc.Lookup(r.Section, o.Name)
	if k == nil {
		return nil, "", false
	}
	return k, r.c.Doc.Text(k), true
}

// IsSet tells whether the option of that name has a value of its own, which a file or the
// environment gives it.
func (r *Reader) IsSet(name string) bool {
	_, k := r.Raw(r.Row(name))
	return k != nil
}

// Raw gives the expanded value of an option, or its default. k is nil when the
// value is the default, which is always right.
func (r *Reader) Raw(o *config.Option) (text string, k *dialect.Key) {
	if o.Env != "" {
		if v, ok := r.c.Environ[o.Env]; ok {
			at := dialect.Pos{File: "environment variable " + o.Env}
			return v, &dialect.Key{Name: o.Name, Value: v, Pos: at, ValuePos: at, Literal: true}
		}
	}
	k, text, ok := r.Given(o)
	if ok && !k.Literal && o.Type != config.TypeText {
		var err *dialect.FormatError
		if text, err = r.Names.Expand(text, false); err != nil {
			r.c.Bad.Add(r.Names.Problem(r.Section.Name, k, err))
			ok = false
		}
	}
	if ok {
		return text, k
	}
	return r.c.Default(o), nil
}

// Default gives the default of a row in the mode that is decoded.
func (c *Context) Default(o *config.Option) string { return o.Fallback(c.AsSupervisord) }

// Wrong reports a value that is not what the row wants.
func (r *Reader) Wrong(k *dialect.Key, kind dialect.Kind, text, hint string) {
	r.c.Bad.Add(&dialect.Problem{Pos: k.ValuePos, Section: r.Section.Name, Key: k.Name, Kind: kind,
		Text: text, Hint: hint})
}

// Expected reports a value that is none of the row's type.
func (r *Reader) Expected(o *config.Option, k *dialect.Key, got, hint string) {
	r.Wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(got), hint)
}

// Fill reads an option into its field. What the field is decides how: there is one case
// for every type of field, here, in same and where values are printed.
func (r *Reader) Fill(o *config.Option, field any) {
	switch f := field.(type) {
	case nil: // it is not its turn yet: only what cannot be expanded is found now
		r.Raw(o)
	case *attributes.List:
		if s, k := r.Raw(o); k != nil && !f.Set(o.Name, s) {
			r.Wrong(k, o.Type.Kind(), "expected "+attributes.Find(o.Name).Expected+", got "+dialect.Quote(s), "")
		}
	case *hook.List:
		if s, k := r.Raw(o); k != nil {
			if mistake := f.Set(o.Name, s); mistake != "" {
				r.Wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(s)+": "+mistake, "")
			}
		}
	case *string:
		*f = r.string(o)
	case *bool:
		*f = r.Bool(o)
	case *int:
		*f = r.Int(o)
	case *int64:
		*f = r.size(o)
	case *time.Duration:
		*f = r.duration(o)
	case *[]string:
		*f = r.List(o)
	case *[]int:
		switch o.Type {
		case config.TypeSignals:
			r.words(o, func(words []string) (m *signals.Mistake) { *f, m = signals.ParseList(words); return m })
		case config.TypeGroups:
			*f = r.groups(o)
		default:
			*f = r.exitcodes(o)
		}
	case *[]dialect.Var:
		*f = r.Environment(o, false)
	case **config.User:
		*f = r.User(o)
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

func (r *Reader) string(o *config.Option) string {
	switch o.Type {
	case config.TypeDir:
		return r.dir(o)
	case config.TypePath:
		s, k := r.Raw(o)
		return r.checkPath(o, k, s)
	case config.TypeLog:
		return r.logfile(o)
	case config.TypeEnum:
		return r.enum(o)
	}
	s, _ := r.Raw(o)
	return s
}

// Int reads a whole number, an octal one, a signal or a port.
func (r *Reader) Int(o *config.Option) int {
	switch o.Type {
	case config.TypeOctal:
		return r.Octal(o)
	case config.TypeSignal:
		return r.signal(o)
	case config.TypePort:
		return r.port(o)
	}
	s, k := r.Raw(o)
	n, ok := dialect.ParseInt(s, 10)
	switch {
	case k != nil && (!ok || n != int64(int(n))):
		r.Expected(o, k, s, "")
	case !r.isNegative(o, k, n):
		return int(n)
	}
	n, _ = dialect.ParseInt(r.c.Default(o), 10)
	return int(n)
}

// isNegative tells whether a number is below zero and must not be, and reports it.
func (r *Reader) isNegative(o *config.Option, k *dialect.Key, n int64) bool {
	if n >= 0 || k == nil || o.Signed || r.c.AsSupervisord {
		return false
	}
	r.Wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+" that is not negative, got "+dialect.Quote(k.Value), "")
	return true
}

// isEmpty tells whether a list lacks what it must have, and reports it: anything at all where
// that is not what it has without the option, and something between two commas.
func (r *Reader) isEmpty(o *config.Option, k *dialect.Key, s string, items []string) bool {
	switch {
	case k == nil, r.c.AsSupervisord:
		return false
	case dialect.Trim(s) == "":
		if o.Empty != "" || r.c.Default(o) == "" && !o.Required {
			return false
		}
	case len(items) > 0 && (o.Empty != "" || !slices.Contains(items, "")):
		return false
	}
	r.Expected(o, k, s, "")
	return true
}

// Bool reads a boolean.
func (r *Reader) Bool(o *config.Option) bool {
	s, k := r.Raw(o)
	b, ok := text.Bool(s)
	if !ok && k != nil {
		r.Expected(o, k, s, dialect.DidYouMean(s, boolWords))
		b, _ = text.Bool(r.c.Default(o))
	}
	return b
}

var boolWords = []string{"true", "false", "yes", "no", "on", "off"}

func (r *Reader) size(o *config.Option) int64 {
	s, k := r.Raw(o)
	n, ok := text.Size(s)
	if !ok && k != nil {
		hint := ""
		if len(s) > 1 && strings.ContainsAny(s[len(s)-1:], "kKmMgG") {
			hint = "did you mean " + dialect.Quote(s+"B") + "?"
		}
		r.Expected(o, k, s, hint)
	}
	if !ok && k != nil || r.isNegative(o, k, n) {
		n, _ = text.Size(r.c.Default(o))
	}
	return n
}

// Octal gives -1 when there is neither a value nor a default.
func (r *Reader) Octal(o *config.Option) int {
	s, k := r.Raw(o)
	n, ok := dialect.ParseInt(s, 8)
	if !ok && k != nil {
		r.Expected(o, k, s, "")
	}
	if !ok && k != nil || r.isNegative(o, k, n) {
		n, ok = dialect.ParseInt(r.c.Default(o), 8)
	}
	if !ok {
		return -1
	}
	return int(n)
}

// port gives 0 when there is none.
func (r *Reader) port(o *config.Option) int {
	s, k := r.Raw(o)
	n, ok := dialect.ParseInt(s, 10)
	if k != nil && (!ok || n < 1 || n > 65535) {
		r.Expected(o, k, s, "")
	}
	return int(n)
}

func (r *Reader) exitcodes(o *config.Option) []int {
	s, k := r.Raw(o)
	codes, ok := text.Exitcodes(s)
	if !ok && k != nil {
		r.Expected(o, k, s, "")
	}
	if r.isEmpty(o, k, s, strings.Split(s, ",")) && ok {
		codes, _ = text.Exitcodes(r.c.Default(o))
	}
	return codes
}

func (r *Reader) signal(o *config.Option) int {
	s, k := r.Raw(o)
	n, ok := dialect.SignalNumber(s)
	if !ok && k != nil {
		r.Expected(o, k, s, signals.Near(s))
		n, _ = dialect.SignalNumber(r.c.Default(o))
	}
	return n
}

func (r *Reader) restart(o *config.Option) machine.Restart {
	s, k := r.Raw(o)
	v, ok := config.ParseRestart(s)
	if !ok && k != nil {
		hint := dialect.DidYouMean(s, append([]string{"unexpected"}, boolWords...))
		if strings.HasPrefix(strings.ToLower(s), "al") {
			hint = `Supervisor's word for always is "true"`
		}
		r.Expected(o, k, s, hint)
	}
	return v
}

func (r *Reader) level(o *config.Option) config.Loglevel {
	s, k := r.Raw(o)
	v, ok := config.ParseLevel(s)
	if !ok && k != nil {
		r.Expected(o, k, s, dialect.DidYouMean(s, config.LevelNames[:]))
	}
	return v
}

func (r *Reader) enum(o *config.Option) string {
	s, k := r.Raw(o)
	if k == nil || slices.Contains(o.Choices, strings.ToLower(s)) {
		return strings.ToLower(s)
	}
	r.Wrong(k, dialect.KindOther, "expected "+words.Or(o.Choices)+", got "+dialect.Quote(s), dialect.DidYouMean(s, o.Choices))
	return r.c.Default(o)
}

func (r *Reader) duration(o *config.Option) time.Duration {
	if o.Type == config.TypeInt {
		return text.Seconds(int64(r.Int(o)))
	}
	s, k := r.Raw(o)
	v, ok := text.Duration(s)
	if !ok && k != nil {
		r.Expected(o, k, s, "")
		v, _ = text.Duration(r.c.Default(o))
	}
	return v
}

// List reads a list of names or words.
func (r *Reader) List(o *config.Option) []string {
	s, k := r.Raw(o)
	split := text.Words
	if o.Type == config.TypeList {
		split = text.List
	}
	if list := split(s); !r.isEmpty(o, k, s, list) {
		return list
	}
	return split(r.c.Default(o))
}

// dir gives an existing folder, ~ expanded; "" when it is not set.
func (r *Reader) dir(o *config.Option) string {
	s, k := r.Raw(o)
	if k == nil {
		return s
	}
	dir := r.c.Paths.ExpandUser(s)
	if !r.c.IsDir(dir) {
		r.Expected(o, k, s, "create it in the image: RUN mkdir -p "+dir)
	}
	return dir
}

// checkPath gives a file whose folder exists, ~ expanded.
func (r *Reader) checkPath(o *config.Option, k *dialect.Key, s string) string {
	full := r.c.Paths.ExpandUser(s)
	if system.IsStdio(full) {
		return full
	}
	if dir := dialect.Dirname(full); k != nil && dir != "" && !r.c.IsDir(dir) {
		r.Wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(s)+": there is no folder "+dialect.Quote(dir),
			"create it in the image: RUN mkdir -p "+dir)
	}
	return full
}

// logfile reads the log file of a channel, which is expanded twice.
func (r *Reader) logfile(o *config.Option) string {
	k, text, ok := r.Given(o)
	if !ok {
		return r.c.Default(o)
	}
	if !k.Literal {
		var err *dialect.FormatError
		if text, err = r.Names.ExpandTwice(text); err != nil {
			r.c.Bad.Add(r.Names.Problem(r.Section.Name, k, err))
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

// User gives the account of a setting, nil without one.
func (r *Reader) User(o *config.Option) *config.User {
	s, k := r.Raw(o)
	if k == nil {
		return nil
	}
	if uid, ok := r.c.uid(s); ok {
		return r.c.user(uid, s)
	}
	if u := r.numericUser(k, s); u != nil {
		return u
	}
	r.Wrong(k, o.Type.Kind(), "expected the name or number of a user of this machine, got "+dialect.Quote(s),
		"add the user in the image, for instance: RUN useradd --system "+s)
	return nil
}

// maxID is the greatest number of a user or group; the one after it means none.
const maxID = 1<<32 - 2

// bareID gives the number of a user or group that no account need have.
func (c *Context) bareID(s string) (int, bool) {
	n, ok := dialect.ParseInt(s, 10)
	return int(n), ok && n >= 0 && n <= maxID && n == int64(int(n)) && !c.AsSupervisord
}

// numericUser gives the user of a number that no account has, or of a name or number with a
// group behind a colon; nil if it is neither. As in Docker, a container needs no account
// files. Supervisor knows accounts only.
func (r *Reader) numericUser(k *dialect.Key, s string) *config.User {
	if r.c.AsSupervisord {
		return nil
	}
	name, group, both := strings.Cut(s, ":")
	var u *config.User
	if uid, ok := r.c.uid(name); ok {
		u = r.c.user(uid, s)
	} else if n, ok := r.c.bareID(name); ok {
		number := strconv.Itoa(n)
		u = &config.User{Name: number, Given: s, Home: "/", UID: n, GID: n, Groups: []int{n}}
		if !both {
			r.c.Note(k.ValuePos, "["+r.Section.Name+"]: user: no account has the number "+number+"; its group is "+number+", too",
				"write "+k.Name+" = "+number+":GROUP for another one")
		}
	}
	if u == nil || !both {
		return u
	}
	gid, ok := r.c.gid(group)
	if !ok {
		if gid, ok = r.c.bareID(group); !ok {
			return nil
		}
	}
	u.GID, u.Groups = gid, []int{gid} // as Docker does: the groups of the account are not meant
	return u
}

// groups gives the numbers of groups; nil when the option is not set.
func (r *Reader) groups(o *config.Option) []int {
	s, k := r.Raw(o)
	if k == nil {
		return nil
	}
	ids := []int{}
	for _, name := range text.List(s) {
		gid, ok := r.c.gid(name)
		if !ok {
			gid, ok = r.c.bareID(name)
		}
		if !ok {
			r.Wrong(k, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(name),
				"add the group in the image, for instance: RUN groupadd --system "+name)
			continue
		}
		if !slices.Contains(ids, gid) {
			ids = append(ids, gid)
		}
	}
	return ids
}

// Owner gives the numbers of user or user:group; -1 for unchanged.
func (r *Reader) Owner(o *config.Option) (uid, gid int, set bool) {
	s, k := r.Raw(o)
	if k == nil {
		return -1, -1, false
	}
	name, group, both := strings.Cut(s, ":")
	uid, ok := r.c.uid(name)
	if !ok {
		uid, ok = r.c.bareID(name)
	}
	gid = -1
	unknown := "user " + dialect.Quote(name)
	if ok && both {
		unknown = "group " + dialect.Quote(group)
		if gid, ok = r.c.gid(group); !ok {
			gid, ok = r.c.bareID(group)
		}
	}
	if !ok {
		r.Expected(o, k, s, "there is no "+unknown+": add it in the image")
	}
	return uid, gid, ok
}

func (r *Reader) probe(o *config.Option) config.Probe {
	s, k := r.Raw(o)
	p, ok := config.ParseProbe(s)
	if !ok && k != nil {
		r.Expected(o, k, s, "")
	}
	return p
}

func (r *Reader) reload(o *config.Option) config.Reload {
	s, k := r.Raw(o)
	v, ok := config.ParseReload(s)
	switch verb, name, _ := strings.Cut(s, " "); {
	case ok || k == nil:
	case verb == "signal":
		r.Wrong(k, dialect.KindBadSignal, "expected "+o.Type.Expected()+", got "+dialect.Quote(s), signals.Near(name))
	default:
		r.Expected(o, k, s, "")
	}
	return v
}

// pause gives the zero Pause when there is neither a value nor a default.
func (r *Reader) pause(o *config.Option) machine.Pause {
	s, k := r.Raw(o)
	p, ok := text.Pause(s)
	if !ok && k != nil {
		r.Expected(o, k, s, "")
		p, _ = text.Pause(r.c.Default(o))
	}
	return p
}

// syslog reads where lines for syslog go.
func (r *Reader) syslog(o *config.Option) config.Syslog {
	s, k := r.Raw(o)
	if rest, ok := strings.CutPrefix(s, "udp://"); ok {
		host, port, wrong := text.Inet(rest)
		addr, numeric := text.IPv4(host)
		if wrong == "" && numeric {
			return config.Syslog{Addr: addr, Port: port}
		}
	} else if strings.HasPrefix(s, "/") {
		return config.Syslog{Path: s}
	}
	r.Wrong(k, dialect.KindOther, "expected a path or udp://ADDRESS:PORT with a numeric IPv4 address, got "+dialect.Quote(s), "")
	return config.Syslog{Path: s}
}

// Environment gives the variables of a setting and what later files add to it.
func (r *Reader) Environment(o *config.Option, twice bool) []dialect.Var {
	name := o.Name
	k := r.c.Doc.Lookup(r.Section, name)
	var vars dialect.VarSet
	after := 0
	if k != nil {
		r.pairs(&vars, k, twice)
		after = k.Seq
	}
	add := r.Section.Key(name + "+")
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
func (r *Reader) pairs(vars *dialect.VarSet, k *dialect.Key, twice bool) {
	expand := func(s string) (string, *dialect.FormatError) { return r.Names.Expand(s, false) }
	if twice {
		expand = r.Names.ExpandTwice
	}
	whole := r.c.Doc.Text(k)
	text, err := expand(whole)
	if err != nil {
		r.c.Bad.Add(r.Names.Problem(r.Section.Name, k, err))
		return
	}
	more, note, bad := dialect.ParsePairs(text)
	if bad != nil {
		p := &dialect.Problem{Pos: k.ValuePos, Section: r.Section.Name, Key: k.Name, Kind: dialect.KindBadEnvironment}
		if text == k.Value {
			p.Pos, p.Text, p.Hint = k.At(bad.At), bad.Text, bad.Hint
		} else { // what was inserted may be a secret
			p.Text = "expected KEY=value pairs separated by commas, which this is not once it is expanded"
			p.Hint = "put quotes around every %(…)s, and see that its value has none"
		}
		r.c.Bad.Add(p)
		return
	}
	if note != "" && text == k.Value {
		r.c.Note(k.ValuePos, "["+r.Section.Name+"]: environment: "+note, "put the value into quotes, and a comma between variables")
	}
	if vars.List == nil {
		vars.List = more
		return
	}
	vars.SetAll(more)
}

// Rest gives the keys that are none of the options, expanded.
func (r *Reader) Rest() []dialect.Var {
	var rest []dialect.Var
	for i := range r.Section.Keys {
		k := &r.Section.Keys[i]
		if r.set.Option(k.Name) != nil {
			continue
		}
		text := r.c.Doc.Text(k)
		if !k.Literal {
			var err *dialect.FormatError
			if text, err = r.Names.Expand(text, false); err != nil {
				r.c.Bad.Add(r.Names.Problem(r.Section.Name, k, err))
			}
		}
		rest = append(rest, dialect.Var{Name: k.Name, Value: text})
	}
	return rest
}

// IsDir tells whether there is a folder of that name.
func (c *Context) IsDir(dir string) bool {
	return c.Sys.IsDir(dialect.Join(c.Paths.Dir, dir))
}

func (c *Context) uid(s string) (int, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		_, ok = c.Sys.UserByID(int(n))
		return int(n), ok
	}
	a, ok := c.Sys.UserByName(s)
	return a.UID, ok
}

func (c *Context) gid(s string) (int, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		return int(n), c.Sys.GroupByID(int(n))
	}
	return c.Sys.GroupByName(s)
}

// user gives the account with the groups in the order of setgroups(2).
func (c *Context) user(uid int, given string) *config.User {
	a, _ := c.Sys.UserByID(uid)
	return &config.User{Name: a.Name, Given: given, Home: a.Home, Shell: a.Shell, UID: uid, GID: a.GID,
		Groups: append([]int{a.GID}, c.Sys.MemberOf(a.Name)...)}
}

// words reads a list; parse says what is wrong with it.
func (r *Reader) words(o *config.Option, parse func(words []string) *signals.Mistake) {
	s, k := r.Raw(o)
	list := text.Words(s)
	if r.isEmpty(o, k, s, list) {
		parse(text.Words(r.c.Default(o)))
		return
	}
	m := parse(list)
	if m == nil || k == nil {
		return
	}
	at := *k
	if s == k.Value {
		at.ValuePos = k.At(strings.Index(s, m.Word))
	}
	r.Wrong(&at, o.Type.Kind(), "expected "+o.Type.Expected()+", got "+dialect.Quote(m.Word)+m.Why, m.Hint)
	parse(text.Words(r.c.Default(o)))
}
