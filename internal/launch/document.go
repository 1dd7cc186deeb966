package launch

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"slipway/internal/launch/sections"
	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/host"
	"slipway/sources/protocol"
	"slipway/sources/resolve"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// Options say what is to be read.
type Options struct {
	// Config is the file; "" looks for it where Supervisor does, and without one
	// the built-in default holds.
	Config string
	// Environ is the captured environment.
	Environ []string
	// Argv0 is how the executable was called: the search path depends on it.
	Argv0 string
	// AsSupervisord reads as Supervisor does.
	AsSupervisord bool
	// Root is put in front of every destination; "" is /. With a root owners are not changed
	// and nothing is kept in the runtime folder: it is a rehearsal.
	Root string
	// Overrides change the document as a last file would.
	Overrides func(*dialect.Document)
	// System answers for the machine; the zero System is the real one.
	System system.System
	// Kept are files that were read before and can be read only once; Read adds to them. May
	// be nil.
	Kept system.Kept
	// Offline asks nobody: no source program, no name server, no peer. What the image
	// declares or uses and is not given is invented.
	Offline bool
	// Fixtures is a file of values that win over all others, "" for none.
	Fixtures string
	// Held is what a source program that is followed has said last, or why there is
	// nothing; false for a source that is not followed. May be nil.
	Held func(source string) (u protocol.Update, followed bool, err error)
	// Names looks up the names of peers that are followed; nil asks DNS each time.
	Names resolve.Names
	// Say is told what is waited for; may be nil.
	Say func(text string)
	// Reached is told what is known after each step, also when a later one fails: the
	// secrets in it are not to be shown. May be nil.
	Reached func(Known)
}

func (o *Options) reached(k Known) {
	if o.Reached != nil {
		o.Reached(k)
	}
}

// Document is the configuration as it is written: step 2.
type Document struct {
	// File is the main configuration file, "" for the built-in default.
	File string
	*dialect.Document

	captured      []string
	asSupervisord bool
	root          string // absolute, "" for /
	system        system.System
	kept          system.Kept
	host          func() language.Host // read when it is asked for first
}

// Read reads the files of the configuration.
func Read(o Options) (*Document, error) {
	d, err := read(o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// read is Read that gives what could be read also with an error; what is embedded is nil
// where that is nothing.
func read(o Options) (*Document, error) {
	d := &Document{File: o.Config, captured: o.Environ, asSupervisord: o.AsSupervisord, root: absolute(o.Root), system: o.System, kept: o.Kept}
	if d.kept == nil {
		d.kept = system.Kept{}
	}
	if d.system.ReadFile == nil {
		d.system = system.Unix("").Keeping(d.kept)
	}
	d.host = sync.OnceValue(func() language.Host { return facts(d.system) })
	if d.File == "" {
		d.File = dialect.Find(o.Argv0, d.system.Getwd(), d.system.Exists)
	}
	var err error
	if d.File == "" {
		d.Document, err = dialect.Default(d.captured, d.system)
	} else {
		d.Document, err = dialect.Load(d.File, d.captured, d.system)
	}
	if o.Overrides != nil && d.Document != nil {
		o.Overrides(d.Document)
	}
	return d, err
}

// input is what gives the document its meaning.
func (d *Document) input(environ, secrets []string) decode.Input {
	return decode.Input{Environ: environ, Secrets: secrets, System: d.system, AsSupervisord: d.asSupervisord}
}

// LeftOut is what of the document is not to run, by name. A document with mistakes has nothing
// to tell: slipway check reports them.
func (d *Document) LeftOut() []config.LeftOut {
	c, _, err := sections.Read(d.Document, d.input(d.captured, secretByThemselves(d.captured)))
	if err != nil {
		return nil
	}
	return c.LeftOut
}

// Problems is what is wrong with the document, as far as it shows without values of sources;
// nil for nothing.
func (d *Document) Problems() error {
	_, _, err := sections.Read(d.Document, d.input(d.captured, secretByThemselves(d.captured)))
	return err
}

// settings are the sections that say where values come from, and [slipway]. They have
// their meaning under the captured environment, for there are no values yet. They are there
// also with an error: what is wrong reads as its default.
func (d *Document) settings() (*sections.Sources, error) {
	s, err := sections.ReadSources(d.Document, d.input(d.captured, secretByThemselves(d.captured)))
	d.place(s.Slipway)
	return s, err
}

// place makes the relative paths of [slipway] those of the folder that relative files of
// [include] are in: that of the main file. From that folder they stay as they are written.
func (d *Document) place(s *config.Slipway) {
	if d.Here == "" || d.Here == d.system.Getwd() {
		return
	}
	at := func(file string) string {
		if file == "" || filepath.IsAbs(file) {
			return file
		}
		return filepath.Join(d.Here, file)
	}
	s.EnvDir = at(s.EnvDir)
	for _, list := range []*[]string{&s.Templates, &s.Data, &s.SecretDirs, &s.Readable} {
		placed := make([]string, len(*list))
		for i, file := range *list {
			placed[i] = at(file)
		}
		*list = placed
	}
}

// RuntimeFolder is the folder of the control socket as the configuration names it, "" if
// that cannot be read. A file that can be read only once is for somebody else.
func RuntimeFolder(o Options) string {
	if o.Config != "" && system.Unix("").ReadOnce(o.Config) {
		return ""
	}
	d, err := Read(o)
	if err != nil {
		return ""
	}
	s, err := sections.ReadSources(d.Document, d.input(d.captured, nil))
	if err != nil {
		return ""
	}
	return s.Slipway.Runtime
}

// secretByThemselves are the names of variables that are seen to be secret by their values, or
// by what they are, before any source is read.
func secretByThemselves(environ []string) []string {
	names := sections.SecretVariables()
	for _, e := range environ {
		if name, text, ok := strings.Cut(e, "="); ok && sources.HasPassword(text) {
			names = append(names, name)
		}
	}
	return names
}

// facts reads what templates may ask about the container.
func facts(s system.System) language.Host {
	f := host.Read(host.System{Hostname: func() (string, error) { return hostname(s), nil }, CPUs: runtime.NumCPU()})
	return language.Host{Name: f.Name, CPUs: f.CPUs, MemoryLimit: f.MemoryLimit}
}

func hostname(s system.System) string {
	if s.Hostname != nil {
		return s.Hostname()
	}
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// Note is a warning about a place.
type Note struct {
	Place string // file:line:column, or ""
	Text  string
	Hint  string
}

// String is the note in one line, place first.
func (n Note) String() string {
	if n.Place != "" {
		return n.Place + ": " + n.Text
	}
	return n.Text
}

// noted appends what a source noted.
func noted(to []Note, notes []sources.Note) []Note {
	to = slices.Clip(to) // the notes of an earlier step stay as they are
	for _, n := range notes {
		to = append(to, Note{Text: n.String(), Hint: n.Hint})
	}
	return to
}
