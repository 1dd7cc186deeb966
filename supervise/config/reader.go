package config

import (
	"slices"
	"strings"
	"time"
)

// reader gives the values of one section by the rows of its table. What is
// wrong becomes a problem and reads as the default, so that one pass finds all.
type reader struct {
	d    *decoder
	sec  *Section
	rows []Option
	n    *names
}

// given tells whether the option is set in a file, and gives its value, with
// %(here)s replaced but not expanded.
func (r *reader) given(id int) (*Key, string, bool) {
	k := r.d.doc.lookup(r.sec, r.rows[id].Name)
	if k == nil {
		return nil, "", false
	}
	return k, r.d.doc.text(k), true
}

// raw gives the expanded value of an option, or its default. k is nil when the
// value is the default, which is always right.
func (r *reader) raw(id int) (text string, k *Key) {
	o := &r.rows[id]
	if o.Env != "" {
		if v, ok := r.d.environ[o.Env]; ok {
			at := Pos{File: "environment variable " + o.Env}
			return v, &Key{Name: o.Name, Value: v, Pos: at, ValuePos: at, Literal: true}
		}
	}
	k, text, ok := r.given(id)
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
func (d *decoder) def(o *Option) string {
	if !d.in.AsSupervisord && o.RunDefault != "" {
		return o.RunDefault
	}
	return o.Default
}

// wrong reports a value that is not what the row wants.
func (r *reader) wrong(id int, k *Key, kind Kind, text, hint string) {
	r.d.bad.add(&Problem{Pos: k.ValuePos, Section: r.sec.Name, Key: k.Name, Kind: kind,
		Text: text, Hint: hint})
}

func (r *reader) expected(id int, k *Key, kind Kind, got, hint string) {
	r.wrong(id, k, kind, "expected "+r.rows[id].Type.Expected()+", got "+quote(got), hint)
}

func (r *reader) string(id int) string { s, _ := r.raw(id); return s }

func (r *reader) int(id int) int {
	s, k := r.raw(id)
	if n, ok := parseInt(s, 10); ok && n == int64(int(n)) {
		return int(n)
	} else if k != nil {
		r.expected(id, k, KindBadNumber, s, "")
	}
	n, _ := parseInt(r.d.def(&r.rows[id]), 10)
	return int(n)
}

func (r *reader) bool(id int) bool {
	s, k := r.raw(id)
	b, ok := parseBool(s)
	if !ok && k != nil {
		r.expected(id, k, KindBadBoolean, s, didYouMean(s, boolWords))
		b, _ = parseBool(r.d.def(&r.rows[id]))
	}
	return b
}

var boolWords = []string{"true", "false", "yes", "no", "on", "off"}

func (r *reader) size(id int) int64 {
	s, k := r.raw(id)
	n, ok := parseSize(s)
	if !ok && k != nil {
		hint := ""
		if len(s) > 1 && strings.ContainsAny(s[len(s)-1:], "kKmMgG") {
			hint = "did you mean " + quote(s+"B") + "?"
		}
		r.expected(id, k, KindBadNumber, s, hint)
		n, _ = parseSize(r.d.def(&r.rows[id]))
	}
	return n
}

// octal gives -1 when there is neither a value nor a default.
func (r *reader) octal(id int, kind Kind) int {
	s, k := r.raw(id)
	n, ok := parseInt(s, 8)
	if !ok && k != nil {
		r.expected(id, k, kind, s, "")
		n, ok = parseInt(r.d.def(&r.rows[id]), 8)
	}
	if !ok {
		return -1
	}
	return int(n)
}

func (r *reader) exitcodes(id int) []int {
	s, k := r.raw(id)
	codes, ok := parseExitcodes(s)
	if !ok && k != nil {
		r.expected(id, k, KindBadExitcodes, s, "")
	}
	return codes
}

func (r *reader) signal(id int) int {
	s, k := r.raw(id)
	n, ok := SignalNumber(s)
	if !ok && k != nil {
		r.expected(id, k, KindBadSignal, s, didYouMean(strings.TrimPrefix(strings.ToUpper(s), "SIG"), signalNames[1:]))
		n, _ = SignalNumber(r.d.def(&r.rows[id]))
	}
	return n
}

func (r *reader) restart(id int) Restart {
	s, k := r.raw(id)
	v, ok := parseRestart(s)
	if !ok && k != nil {
		hint := didYouMean(s, append([]string{"unexpected"}, boolWords...))
		if strings.HasPrefix(strings.ToLower(s), "al") {
			hint = `Supervisor's word for always is "true"`
		}
		r.expected(id, k, KindBadAutorestart, s, hint)
	}
	return v
}

func (r *reader) level(id int) Loglevel {
	s, k := r.raw(id)
	v, ok := parseLevel(s)
	if !ok && k != nil {
		r.expected(id, k, KindBadLoglevel, s, didYouMean(s, levelNames[:]))
	}
	return v
}

func (r *reader) enum(id int) string {
	s, k := r.raw(id)
	o := &r.rows[id]
	if k == nil || slices.Contains(o.Choices, strings.ToLower(s)) {
		return strings.ToLower(s)
	}
	last := len(o.Choices) - 1
	words := strings.Join(o.Choices[:last], ", ") + " or " + o.Choices[last]
	r.wrong(id, k, KindOther, "expected "+words+", got "+quote(s), didYouMean(s, o.Choices))
	return r.d.def(o)
}

func (r *reader) duration(id int) time.Duration {
	s, k := r.raw(id)
	v, ok := parseDuration(s)
	if !ok && k != nil {
		r.expected(id, k, KindBadNumber, s, "")
		v, _ = parseDuration(r.d.def(&r.rows[id]))
	}
	return v
}

func (r *reader) words(id int) []string { s, _ := r.raw(id); return parseWords(s) }

// dir gives an existing folder, ~ expanded; "" when it is not set.
func (r *reader) dir(id int) string {
	s, k := r.raw(id)
	if k == nil {
		return s
	}
	dir := r.d.paths.expandUser(s)
	if !r.d.isDir(dir) {
		r.expected(id, k, KindMissingDir, s, "create it in the image: RUN mkdir -p "+dir)
	}
	return dir
}

// path gives a file whose folder exists, ~ expanded.
func (r *reader) path(id int) string {
	s, k := r.raw(id)
	return r.checkPath(id, k, s)
}

func (r *reader) checkPath(id int, k *Key, s string) string {
	full := r.d.paths.expandUser(s)
	if isStdio(full) {
		return full
	}
	if dir := dirname(full); k != nil && dir != "" && !r.d.isDir(dir) {
		r.wrong(id, k, KindMissingDir, "expected "+r.rows[id].Type.Expected()+", got "+quote(s)+": there is no folder "+quote(dir),
			"create it in the image: RUN mkdir -p "+dir)
	}
	return full
}

// user gives the account of a setting, nil without one.
func (r *reader) user(id int) *User {
	s, k := r.raw(id)
	if k == nil {
		return nil
	}
	uid, ok := r.d.uid(s)
	if !ok {
		r.wrong(id, k, KindUnknownUser, "expected the name or number of a user of this machine, got "+quote(s),
			"add the user in the image, for instance: RUN useradd --system "+s)
		return nil
	}
	return r.d.user(uid, s)
}

// owner gives the numbers of user or user:group; -1 for unchanged.
func (r *reader) owner(id int) (uid, gid int, set bool) {
	s, k := r.raw(id)
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
		r.expected(id, k, KindUnknownOwner, s, "there is no "+unknown+": add it in the image")
	}
	return uid, gid, ok
}

// environment gives the variables of a setting and what later files add to it.
func (r *reader) environment(id int, twice bool) []Var {
	name := r.rows[id].Name
	k := r.d.doc.lookup(r.sec, name)
	var vars []Var
	after := 0
	if k != nil {
		vars = r.pairs(nil, k, twice)
		after = k.seq
	}
	add := r.sec.Key(name + "+")
	if add == nil {
		return vars
	}
	for i := range add.Shadowed {
		if add.Shadowed[i].seq > after {
			vars = r.pairs(vars, &add.Shadowed[i], twice)
		}
	}
	if add.seq > after {
		vars = r.pairs(vars, add, twice)
	}
	return vars
}

func (r *reader) pairs(vars []Var, k *Key, twice bool) []Var {
	expand := func(s string) (string, *formatError) { return r.n.expand(s, false) }
	if twice {
		expand = r.n.expandTwice
	}
	whole := r.d.doc.text(k)
	text, err := expand(whole)
	if err != nil {
		r.d.bad.add(r.n.problem(r.sec.Name, k, err))
		return vars
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
		return vars
	}
	if note != "" && text == k.Value {
		r.d.note(k.ValuePos, "["+r.sec.Name+"]: environment: "+note, "put the value into quotes, and a comma between variables")
	}
	for _, v := range more {
		vars = setVar(vars, v.Name, v.Value)
	}
	return vars
}

// keys gives the section's own keys with their values expanded.
func (r *reader) keys() []Key {
	keys := slices.Clone(r.sec.Keys)
	for i := range keys {
		k := &keys[i]
		k.Value = r.d.doc.text(k)
		if o := option(r.rows, k.Name); o != nil && o.Type != TypeText && !k.Literal {
			k.Value, _ = r.n.expand(k.Value, false) // reported by whoever reads it
		}
	}
	return keys
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

// problem says why a value cannot be expanded, where, and which name was meant.
// It does not list the names that there are: they are the environment.
func (n *names) problem(section string, k *Key, e *formatError) *Problem {
	p := &Problem{Pos: k.At(e.at), Section: section, Key: k.Name, Kind: KindBadFormat}
	if strings.Contains(k.Value, hereText) {
		p.Pos = k.ValuePos // the text before it may have been replaced
	}
	if e.name == "" {
		p.Text = e.text
		p.Hint = "write %% for a percent sign"
		return p
	}
	p.Kind = KindUnknownName
	p.Text = "%(" + e.name + ")s is not known here"
	p.Hint = n.nearest(e.name)
	return p
}

// nearest suggests a name, or says how to define it.
func (n *names) nearest(name string) string {
	var known []string
	for _, b := range builtinNames {
		if n.has&b.in != 0 {
			known = append(known, b.name)
		}
	}
	builtin := strings.Join(known, ", ")
	for _, v := range n.own {
		known = append(known, "ENV_"+v.Name)
	}
	for v := range n.env {
		known = append(known, "ENV_"+v)
	}
	slices.Sort(known)
	if s := closest(name, known); s != "" {
		return "did you mean %(" + s + ")s?"
	}
	if v, ok := strings.CutPrefix(name, "ENV_"); ok {
		return "set the environment variable " + v + ", for instance by ENV " + v + "=… in the Dockerfile"
	}
	return "known here: " + builtin + " and ENV_x for the environment variable x"
}
