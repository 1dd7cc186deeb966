package config

import (
	"os"
	"path"
	"strings"
)

// DefaultFile is the configuration when there is no file.
const DefaultFile = "[include]\nfiles = /etc/slipway/conf.d/*.conf /etc/supervisor/conf.d/*.conf\n"

// searchPath is Supervisor's, preceded by ours. %B is the parent of the folder
// that holds the executable.
var searchPath = [...]string{
	"/etc/slipway/slipway.conf",
	"%B/etc/supervisord.conf",
	"%B/supervisord.conf",
	"supervisord.conf",
	"etc/supervisord.conf",
	"/etc/supervisord.conf",
	"/etc/supervisor/supervisord.conf",
}

// Find gives the first file of the search path that exists, or "". argv0 is
// the name under which the executable was called; relative paths are given
// back joined to cwd.
func Find(argv0, cwd string, exists func(path string) bool) string {
	for _, p := range SearchPath(argv0) {
		if p = join(cwd, p); exists(p) {
			return p
		}
	}
	return ""
}

// SearchPath lists where Find looks.
func SearchPath(argv0 string) []string {
	parent := dirname(dirname(argv0))
	list := make([]string, 0, len(searchPath))
	for _, p := range searchPath {
		if rest, ok := strings.CutPrefix(p, "%B/"); ok {
			p = join(parent, rest)
		}
		list = append(list, p)
	}
	return list
}

// Load reads a file and what it includes. The error, if any, is a *Problems
// and holds the problems of all files.
//
// environ is the environment as os.Environ gives it. The zero System is replaced by
// Unix("").
func Load(name string, environ []string, sys System) (*Document, error) {
	l := newLoader(environ, sys)
	full := join(l.paths.dir, name)
	l.doc.Here = normalize(dirname(full))
	text, err := l.sys.ReadFile(name)
	if err != nil {
		l.bad.add(unreadable(name, err))
		return nil, l.bad.err(nil)
	}
	return l.load(name, dirname(normalize(full)), string(text))
}

// Default gives the built-in configuration: the programs of all layers.
func Default(environ []string, sys System) (*Document, error) {
	l := newLoader(environ, sys)
	l.quiet = true
	l.doc.Here = "/etc/slipway"
	return l.load("", l.doc.Here, DefaultFile)
}

// unreadable says why the main file cannot be read, in few words.
func unreadable(name string, err error) *Problem {
	p := &Problem{Pos: Pos{File: name}, Kind: KindOther, Text: err.Error(), Err: err}
	if i := strings.LastIndex(p.Text, ": "); i >= 0 {
		p.Text = p.Text[i+2:] // the path is named already
	}
	return p
}

type loader struct {
	doc   *Document
	sys   System
	paths paths
	env   map[string]string
	bad   report
	quiet bool // no warning about an include without a match
}

func newLoader(environ []string, sys System) *loader {
	l := &loader{doc: new(Document), sys: sys.orUnix()}
	l.env = environMap(environ)
	l.paths = paths{sys: l.sys, dir: l.sys.Getwd(), home: l.env["HOME"]}
	return l
}

// environMap keeps the first of several entries of one name, as Python and
// getenv do. Entries without = are left out.
func environMap(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, e := range environ {
		name, value, ok := strings.Cut(e, "=")
		if _, seen := m[name]; ok && !seen {
			m[name] = value
		}
	}
	return m
}

func (l *loader) load(name, base, text string) (*Document, error) {
	l.doc.Files = append(l.doc.Files, name)
	parse(l.doc, name, l.doc.Here, text, &l.bad)
	if len(l.bad.list) == 0 {
		l.include(base)
	}
	if err := l.bad.err(l.doc.Files); err != nil {
		return nil, err
	}
	return l.doc, nil
}

// include reads what [include] of the main file names. An [include] in those
// files has no effect, as in Supervisor.
func (l *loader) include(base string) {
	s := l.doc.Section("include")
	if s == nil {
		return
	}
	l.doc.Include = true
	files := l.doc.lookup(s, "files")
	if files == nil {
		l.bad.add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindIncludeFiles, Text: `expected a "files" setting`,
			Hint: "add for instance: files = conf.d/*.conf"})
		return
	}
	n := &names{here: l.doc.Here, host: l.sys.Hostname(), has: hasHere | hasHost, env: l.env}
	text, err := n.expand(l.doc.text(files), false)
	if err != nil {
		l.bad.add(n.problem(s.Name, files, err))
		return
	}
	for _, word := range strings.FieldsFunc(text, isSpace) {
		pattern := join(base, word)
		found := glob(l.sys, pattern)
		if len(found) == 0 && !l.quiet {
			l.doc.Warnings = append(l.doc.Warnings, `No file matches via include "`+pattern+`"`)
		}
		for _, f := range found {
			l.doc.Infos = append(l.doc.Infos, `Included extra file "`+f+`" during parsing`)
			l.included(f, files.Pos)
		}
	}
}

// included reads one further file. What cannot be read is skipped, as in
// Supervisor, but not without a word.
func (l *loader) included(name string, at Pos) {
	text, err := l.sys.ReadFile(name)
	if err != nil {
		l.doc.Notes = append(l.doc.Notes, Note{Pos: at, Text: "included file is skipped: " + unreadable(name, err).Error()})
		return
	}
	l.doc.Files = append(l.doc.Files, name)
	parse(l.doc, name, path.Dir(normalize(join(l.paths.dir, name))), string(text), &l.bad)
}

// lookup gives a key of a section, or else of [DEFAULT].
func (d *Document) lookup(s *Section, name string) *Key {
	if k := s.Key(name); k != nil {
		return k
	}
	return d.Defaults.Key(name)
}

const hereText = "%(here)s"

// text gives the value with %(here)s replaced, where Supervisor does that.
func (d *Document) text(k *Key) string {
	if !d.Include || k.Literal || !strings.Contains(k.Value, hereText) {
		return k.Value
	}
	return strings.ReplaceAll(k.Value, hereText, d.here[k.Pos.File])
}

// orUnix gives the system, complete; this machine for the zero System.
func (s System) orUnix() System {
	if s.ReadFile == nil && s.IsDir == nil {
		return Unix("")
	}
	return s.complete()
}

// complete fills in what a test left out: nothing exists.
func (s System) complete() System {
	none := func(string) bool { return false }
	if s.ReadFile == nil {
		s.ReadFile = func(string) ([]byte, error) { return nil, os.ErrNotExist }
	}
	if s.ReadDir == nil {
		s.ReadDir = func(string) []string { return nil }
	}
	if s.Exists == nil {
		s.Exists = none
	}
	if s.IsDir == nil {
		s.IsDir = none
	}
	if s.Getwd == nil {
		s.Getwd = func() string { return "/" }
	}
	if s.Hostname == nil {
		s.Hostname = func() string { return "localhost" }
	}
	if s.TempDir == nil {
		s.TempDir = func() string { return "/tmp" }
	}
	if s.Getuid == nil {
		s.Getuid = func() int { return 0 }
	}
	if s.UserByName == nil {
		s.UserByName = func(string) (Account, bool) { return Account{}, false }
	}
	if s.UserByID == nil {
		s.UserByID = func(int) (Account, bool) { return Account{}, false }
	}
	if s.GroupByName == nil {
		s.GroupByName = func(string) (int, bool) { return 0, false }
	}
	if s.GroupByID == nil {
		s.GroupByID = func(int) bool { return false }
	}
	if s.MemberOf == nil {
		s.MemberOf = func(string) []int { return nil }
	}
	return s
}
