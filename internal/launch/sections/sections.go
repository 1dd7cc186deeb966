package sections

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/fleet"
	"slipway/render"
	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/gather"
	"slipway/sources/kv"
	"slipway/sources/protocol"
	"slipway/sources/resolve"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
)

// Sources are the sections that say where values come from, and what they must be like.
type Sources struct {
	Slipway  *config.Slipway
	Rules    []contract.Rule // [env:NAME]
	Links    []Link          // [link:NAME]
	Etcd     *Program        // nil without [etcd] and its variables
	Programs []Program       // [source:NAME]
	Notes    []dialect.Note
}

// Followed are the names of the source programs that are followed while the container runs.
// One that is named in sources and has no section has none to say otherwise.
func (s *Sources) Followed() []string {
	return slices.DeleteFunc(slices.Clone(s.Slipway.Sources), func(name string) bool {
		if name == Etcd {
			return s.Etcd == nil || !s.Etcd.Watch
		}
		i := slices.IndexFunc(s.Programs, func(p Program) bool { return p.Name == name })
		return slices.Contains(gather.Names(), name) || i >= 0 && !s.Programs[i].Watch
	})
}

// Link is a [link:NAME] section.
type Link struct {
	resolve.Rule
	Description string
}

// Program is a source program, as [etcd] or a [source:NAME] section describes it.
type Program struct {
	Name     string
	Settings []protocol.Setting
	// Prefixes are those that keys in templates are relative to.
	Prefixes []string
	// SecretPrefixes are those of keys whose values are secret.
	SecretPrefixes []string
	Export         []string // prefixes whose keys become variables
	Optional       bool     // the start goes on without its values
	Cached         bool     // the start goes on with the last good ones
	Cache          string   // the folder that keeps these; "": the runtime folder
	MaxAge         time.Duration
	Watch          bool // it is followed while the container runs
	Timeout        time.Duration
	// StaleAfter is how long there may be no contact until people are told, and Unready
	// whether the container is not ready then.
	StaleAfter time.Duration
	Unready    bool
	// Fleet says when a change is applied, of many containers that follow the same keys.
	Fleet fleet.Rules

	start, onStale string
}

// Files are the sections that say what is rendered.
type Files struct {
	Templates []Template        // [template:DEST]
	Checks    []render.SetCheck // [check:NAME]
}

// Template is a [template:DEST] section.
type Template struct {
	language.Template
	// MinInterval is the least time between two reloads of the programs in Notify.
	MinInterval time.Duration

	position string
}

// ReadSources gives what must be known before there are values its meaning. The error is a
// *dialect.Problems; what is wrong then reads as its default.
func ReadSources(doc *dialect.Document, in decode.Input) (*Sources, error) {
	var out Sources
	in.Others = decode.Others{Decode: out.read}
	c, err := decode.DecodeSlipway(doc, in)
	out.Slipway, out.Notes = &c.Slipway, c.OtherNotes
	return &out, err
}

// Read gives the rest its meaning, under the values: the configuration of the supervisor,
// and what is rendered. The notes about the latter are OtherNotes of the configuration. The
// error is a *dialect.Problems; what is wrong then reads as its default.
func Read(doc *dialect.Document, in decode.Input) (*config.Config, *Files, error) {
	var files Files
	in.Others = decode.Others{Tables: own(), Decode: files.read}
	c, err := decode.Decode(doc, in)
	return c, &files, err
}

func (f *Files) read(s *decode.Sections) {
	for _, sec := range s.Named("template:") {
		f.Templates = append(f.Templates, template(s, sec))
		s.Programs(sec, "notify")
	}
	for _, sec := range s.Named("check:") {
		c := render.SetCheck{Name: name(sec), Pos: sec.Pos}
		v := decode.Read(s, sec, checkRows, &c)
		if v.IsSet("command") && strings.TrimSpace(c.Command) == "" {
			s.Wrong(&dialect.Problem{
				Pos: sec.Pos, Section: sec.Name, Kind: dialect.KindOther, Text: "expected a command, got nothing",
				Hint: "write for instance: command = nginx -t, or leave the section out",
			})
			continue
		}
		f.Checks = append(f.Checks, c)
	}
}

func template(s *decode.Sections, sec *dialect.Section) Template {
	t := Template{Template: language.Template{Dest: name(sec), Pos: sec.Pos}}
	if t.Dest == "" || t.Dest[0] != '/' {
		s.Wrong(&dialect.Problem{
			Pos: sec.Pos, Section: sec.Name, Kind: dialect.KindBadName, Text: "expected the absolute path of a file, got " + dialect.Quote(t.Dest),
			Hint: "write [template:/etc/app.conf]",
		})
	}
	v := decode.Read(s, sec, templateRows, &t)
	stays(s, sec, t.Source)
	if !v.IsSet("write") { // a shipped template has its own way
		t.Write = ""
	}
	t.Bottom = t.position == "bottom"
	return t
}

// stays reports a source that a value leads out of the folder that stands before it: it
// chooses among the files there.
func stays(s *decode.Sections, sec *dialect.Section, source string) {
	k := sec.Key("source")
	if k == nil {
		return
	}
	if !strings.Contains(k.Value, "%(ENV_") || upwards(source) <= upwards(k.Value) {
		return
	}
	s.Wrong(&dialect.Problem{
		Pos: k.ValuePos, Section: sec.Name, Key: k.Name, Kind: dialect.KindOther,
		Text: "expected a file below the folder that is written, got " + dialect.Quote(source),
		Hint: "a value chooses a file there, and cannot lead out of it",
	})
}

// upwards counts the elements of a path that lead out of a folder.
func upwards(file string) int {
	n := 0
	for _, element := range strings.Split(file, "/") {
		if element == ".." {
			n++
		}
	}
	return n
}

func (out *Sources) read(s *decode.Sections) {
	for _, sec := range s.Named("env:") {
		out.Rules = append(out.Rules, rule(s, sec))
	}
	for _, sec := range s.Named("link:") {
		l := Link{Rule: resolve.Rule{Name: name(sec), Origin: origin(sec.Pos)}}
		decode.Read(s, sec, linkRows, &l)
		out.Links = append(out.Links, l)
	}
	out.Etcd = readEtcd(s)
	for _, sec := range s.Named("source:") {
		out.Programs = append(out.Programs, program(s, sec))
	}
}

func rule(s *decode.Sections, sec *dialect.Section) contract.Rule {
	r := contract.Rule{Name: name(sec), Origin: origin(sec.Pos)}
	v := decode.Read(s, sec, envRows, &r)
	r.HasDefault = v.IsSet("default")
	if r.Type == "enum" && len(r.Values) == 0 {
		s.Wrong(&dialect.Problem{
			Pos: sec.Pos, Section: sec.Name, Kind: dialect.KindOther, Text: "expected a values setting because the type is enum",
			Hint: "write for instance: values = debug, info, warn",
		})
	}
	return r
}

func program(s *decode.Sections, sec *dialect.Section) Program {
	p := Program{Name: name(sec)}
	v := decode.Read(s, sec, sourceRows, &p)
	p.policy()
	if p.Name == Etcd {
		s.Wrong(&dialect.Problem{Pos: sec.Pos, Section: sec.Name, Kind: dialect.KindOther, Text: "expected the settings of etcd in [etcd]", Hint: "write [etcd]"})
	}
	secrets := v.List("secret")
	for _, k := range v.Rest() {
		p.Settings = append(p.Settings, protocol.Setting{Name: k.Name, Text: k.Value, Secret: slices.Contains(secrets, k.Name)})
	}
	if !slices.Contains(s.Slipway().Sources, p.Name) {
		s.Note(sec.Pos, "["+sec.Name+"] has no effect: sources of [slipway] does not name "+p.Name, "")
	}
	return p
}

// policy takes start and on_stale apart.
func (p *Program) policy() {
	p.Optional, p.Cached, p.Unready = p.start == "optional", p.start == "cached", p.onStale == "unready"
}

// Etcd is the source whose settings are a section of their own.
const Etcd = "etcd"

// etcd is the [etcd] section. Its options are settings of the source program, under their
// names; what is empty is left out.
type etcd struct {
	endpoints, prefix, secretPrefix, export                                                                            []string
	rollout, onStale, cache, srv, start, user, password, passwordFile, userFile, caFile, certFile, keyFile, serverName string
	staleAfter, maxAge, startTimeout, timeout, slotsWait, splay, rolloutHold                                           time.Duration
	slots                                                                                                              int
	watch                                                                                                              bool
}

// readEtcd reads [etcd], which also exists when a variable of it is set.
func readEtcd(s *decode.Sections) *Program {
	sec := s.Section(Etcd)
	for i := range etcdRows {
		if _, ok := s.Variable(etcdRows[i].Env); ok && sec == nil {
			sec = &dialect.Section{Name: Etcd}
		}
	}
	if sec == nil {
		return nil
	}
	var e etcd
	decode.Read(s, sec, etcdRows, &e)
	if len(e.endpoints) == 0 && e.srv == "" {
		s.Wrong(&dialect.Problem{
			Pos: sec.Pos, Section: Etcd, Kind: dialect.KindOther, Text: "expected endpoints or srv",
			Hint: "write endpoints = http://etcd:2379, or set SLIPWAY_ETCD_ENDPOINTS",
		})
	}
	p := &Program{Name: Etcd, Prefixes: slices.Clone(e.prefix), SecretPrefixes: e.secretPrefix, Export: e.export, Watch: e.watch, Cache: e.cache, MaxAge: e.maxAge, StaleAfter: e.staleAfter, start: e.start, onStale: e.onStale}
	p.policy()
	p.Fleet = fleet.Rules{Slots: e.slots, Wait: e.slotsWait, Splay: e.splay, Hold: e.rolloutHold}
	var err error
	if p.Fleet.Shares, err = fleet.ParseShares(strings.FieldsFunc(e.rollout, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })); err != nil {
		s.Wrong(&dialect.Problem{
			Pos: sec.Pos, Section: Etcd, Key: "rollout", Kind: dialect.KindOther, Text: err.Error(), Hint: "write for instance: rollout = 1, 10%, 100%",
		})
	}
	if e.slots < 0 || e.slots > protocol.MaxSlots {
		s.Wrong(&dialect.Problem{
			Pos: sec.Pos, Section: Etcd, Key: "slots", Kind: dialect.KindOther, Text: "expected slots from 0 to " + strconv.Itoa(protocol.MaxSlots) + ", got " + strconv.Itoa(e.slots),
			Hint: "0 is any number",
		})
	}
	for _, secret := range e.secretPrefix { // those that lie below another are reached from there
		if !slices.ContainsFunc(p.Prefixes, func(prefix string) bool { return kv.Below(secret, prefix) }) {
			p.Prefixes = append(p.Prefixes, secret)
		}
	}
	for o, field := range etcdRows.Fields(&e) {
		switch o.Name {
		case "export", "watch", "cache", "max_age", "on_stale", "stale_after", "slots", "slots_wait", "splay", "rollout", "rollout_hold": // are for us
			continue
		}
		for _, text := range texts(field) {
			if text != "" {
				p.Settings = append(p.Settings, protocol.Setting{Name: o.Name, Text: text, Secret: o.Secret})
			}
		}
	}
	return p
}

// texts are the values of a field as a source program is told them.
func texts(field any) []string {
	switch f := field.(type) {
	case *string:
		return []string{*f}
	case *[]string:
		return *f
	case *time.Duration:
		return []string{f.String()}
	}
	return nil
}

// name is what follows the kind in the name of a section.
func name(sec *dialect.Section) string {
	_, rest, _ := strings.Cut(sec.Name, ":")
	return rest
}

func origin(p dialect.Pos) sources.Origin {
	return sources.Origin{File: p.File, Line: p.Line, Col: p.Col}
}
