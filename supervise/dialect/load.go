package dialect

import (
	"path"
	"strings"

	"slipway/supervise/system"
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
		if p = Join(cwd, p); exists(p) {
			return p
		}
	}
	return ""
}

// SearchPath lists where Find looks.
func SearchPath(argv0 string) []string {
	parent := Dirname(Dirname(argv0))
	list := make([]string, 0, len(searchPath))
	for _, p := range searchPath {
		if rest, ok := strings.CutPrefix(p, "%B/"); ok {
			p = Join(parent, rest)
		}
		list = append(list, p)
	}
	return list
}

// Load reads a file and what it includes. The error, if any, is a *Problems
// and holds the problems of all files. The document then holds what could be read, or is nil
// where nothing could.
//
// environ is the environment as os.Environ gives it. The zero System is replaced by
// Unix("").
func Load(name string, environ []string, sys system.System) (*Document, error) {
	l := newLoader(environ, sys)
	full := Join(l.paths.Dir, name)
	l.doc.Here = Normalize(Dirname(full))
	text, err := l.sys.ReadFile(name)
	if err != nil {
		l.bad.Add(unreadable(name, err))
		return nil, l.bad.Err(nil)
	}
	return l.load(name, Dirname(Normalize(full)), string(text))
}

// Default gives the built-in configuration: the programs of all layers.
func Default(environ []string, sys system.System) (*Document, error) {
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
	sys   system.System
	paths Paths
	env   map[string]string
	bad   Report
	quiet bool // no warning about an include without a match
}

func newLoader(environ []string, sys system.System) *loader {
	l := &loader{doc: new(Document), sys: sys.OrUnix()}
	l.env = EnvironMap(environ)
	l.paths = Paths{Sys: l.sys, Dir: l.sys.Getwd(), Home: l.env["HOME"]}
	return l
}

// EnvironMap keeps the first of several entries of one name, as Python and
// getenv do. Entries without = are left out.
func EnvironMap(environ []string) map[string]string {
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
	l.include(base)
	return l.doc, l.bad.Err(l.doc.Files)
}

// include reads what [include] of the main file names. An [include] in those
// files has no effect, as in Supervisor.
func (l *loader) include(base string) {
	s := l.doc.Section("include")
	if s == nil {
		return
	}
	l.doc.Include = true
	files := l.doc.Lookup(s, "files")
	if files == nil {
		l.bad.Add(&Problem{Pos: s.Pos, Section: s.Name, Kind: KindIncludeFiles, Text: `expected a "files" setting`,
			Hint: "add for instance: files = conf.d/*.conf"})
		return
	}
	n := &Names{Here: l.doc.Here, Host: l.sys.Hostname(), Has: HasHere | HasHost, Env: l.env}
	text, err := n.Expand(l.doc.Text(files), false)
	if err != nil {
		l.bad.Add(n.Problem(s.Name, files, err))
		return
	}
	for _, word := range strings.FieldsFunc(text, IsSpace) {
		pattern := Join(base, word)
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
	parse(l.doc, name, path.Dir(Normalize(Join(l.paths.Dir, name))), string(text), &l.bad)
}

// Lookup gives a key of a section, or else of [DEFAULT].
func (d *Document) Lookup(s *Section, name string) *Key {
	if k := s.Key(name); k != nil {
		return k
	}
	return d.Defaults.Key(name)
}

const hereText = "%(here)s"

// Text gives the value with %(here)s replaced, where Supervisor does that.
func (d *Document) Text(k *Key) string {
	if !d.Include || k.Literal || !strings.Contains(k.Value, hereText) {
		return k.Value
	}
	return strings.ReplaceAll(k.Value, hereText, d.here[k.Pos.File])
}
