package launch

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"slipway/render/language"
	"slipway/render/transaction"
	"slipway/sources"
	"slipway/sources/host"
	"slipway/sources/kv"
	"slipway/sources/link"
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
	// Overrides change the document as a last file would.
	Overrides func(*dialect.Document)
	// System answers for the machine; the zero System is the real one.
	System system.System
	// Offline asks nobody: no source program, no name server, no peer. What the image
	// declares or uses and is not given is invented.
	Offline bool
	// Fixtures is a file of values that win over all others, "" for none.
	Fixtures string
	// Say is told what is waited for; may be nil.
	Say func(text string)
	// Begun is given the image before anything is read: its Redactor knows the secrets
	// as they become known, also when Load fails. May be nil.
	Begun func(*Image)
}

// Image is what was read: the configuration of all layers, the values, the templates.
type Image struct {
	// File is the main configuration file, "" for the built-in default.
	File     string
	Document *dialect.Document
	Config   *config.Config
	// Values are the merged values, Links the peers that variables among them tell
	// of, and Peers all that are known, the declared ones resolved.
	Values *sources.View
	Links  *link.Set
	Peers  []resolve.Peer
	// Environ is the environment for programs, and Captured the one that slipway got.
	Environ  []string
	Captured []string
	// Notes are warnings for people, in the order of the steps. ConfigNotes are
	// those about the configuration, which the supervisor says itself, at every
	// start and reload.
	Notes       []Note
	ConfigNotes []Note

	system   system.System
	layers   []sources.Layer // as read, weakest first
	store    *kv.Store       // keys of source programs; nil without
	tree     map[string]any  // of the data files
	resolved *resolve.Peers
	declared []config.EnvRule
	programs *sources.View        // the values behind Environ
	host     func() language.Host // read when they are asked for first
	invented *invented            // nil unless offline
	outside  *outside             // the source programs; nil before they were looked for
}

// Note is a warning about a place.
type Note struct {
	Place string // file:line:column, or ""
	Text  string
	Hint  string
}

// Load does the steps 1 to 4. The error is [dialect.Problems], a problem of a
// source, or ctx's cause.
func Load(ctx context.Context, o Options) (*Image, error) {
	im := newImage(o)
	if o.Begun != nil {
		o.Begun(im)
	}
	in := decode.Input{Environ: o.Environ, Secrets: evident(o.Environ), System: im.system, AsSupervisord: o.AsSupervisord}
	if err := im.readDocument(o, in); err != nil {
		return nil, err
	}
	if err := im.readValues(ctx, o, in); err != nil {
		return nil, err
	}
	in.Environ, in.Secrets = im.Environ, im.secretNames()
	var err error
	if im.Config, err = decode.Decode(im.Document, in); err != nil {
		return nil, err
	}
	im.noteConfig()
	return im, context.Cause(ctx)
}

// evident are the names of variables that are seen to be secret by their values, or
// by what they are, before any source is read.
func evident(environ []string) []string {
	names := config.SecretVariables()
	for _, e := range environ {
		if name, text, ok := strings.Cut(e, "="); ok && sources.HasPassword(text) {
			names = append(names, name)
		}
	}
	return names
}

// Document reads the configuration as it is written: step 2 alone.
func Document(o Options) (*dialect.Document, error) {
	im := newImage(o)
	err := im.readDocument(o, decode.Input{Environ: o.Environ, System: im.system, AsSupervisord: o.AsSupervisord})
	return im.Document, err
}

// RuntimeFolder is the folder of the control socket as the configuration names it, "" if
// that cannot be read.
func RuntimeFolder(o Options) string {
	doc, err := Document(o)
	if err != nil {
		return ""
	}
	c, err := decode.DecodeSources(doc, decode.Input{Environ: o.Environ, System: newImage(o).system, AsSupervisord: o.AsSupervisord})
	if err != nil {
		return ""
	}
	return c.Slipway.Runtime
}

func newImage(o Options) *Image {
	im := &Image{Captured: o.Environ, system: o.System}
	if im.system.ReadFile == nil {
		im.system = system.Unix("")
	}
	im.host = sync.OnceValue(func() language.Host { return facts(im.system) })
	return im
}

func (im *Image) readDocument(o Options, in decode.Input) error {
	im.File = o.Config
	if im.File == "" {
		im.File = dialect.Find(o.Argv0, im.system.Getwd(), im.system.Exists)
	}
	var err error
	if im.File == "" {
		im.Document, err = dialect.Default(in.Environ, in.System)
	} else {
		im.Document, err = dialect.Load(im.File, in.Environ, in.System)
	}
	if err != nil {
		return err
	}
	if o.Overrides != nil {
		o.Overrides(im.Document)
	}
	return nil
}

// AllNotes are both kinds, for commands after which no supervisor speaks.
func (im *Image) AllNotes() []Note { return append(slices.Clone(im.ConfigNotes), im.Notes...) }

func (im *Image) noteConfig() {
	for _, w := range im.Config.Warnings {
		im.ConfigNotes = append(im.ConfigNotes, Note{Text: w})
	}
	for _, n := range im.Config.Notes {
		im.ConfigNotes = append(im.ConfigNotes, Note{Place: n.Pos.String(), Text: n.Text, Hint: n.Hint})
	}
}

// accounts lets render resolve owners as the configuration resolves users.
func (im *Image) accounts() transaction.Accounts {
	return transaction.Accounts{
		User: func(name string) (int, int, bool) {
			a, ok := im.system.UserByName(name)
			return a.UID, a.GID, ok
		},
		Group: im.system.GroupByName,
	}
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
