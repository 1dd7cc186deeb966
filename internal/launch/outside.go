package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/fleet"
	"slipway/internal/launch/sections"
	"slipway/internal/way"
	"slipway/render/transaction/durable"
	"slipway/sources/gather"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

// outside finds the programs of the sources that are none of our own.
type outside struct {
	captured []string
	runtime  string             // the option
	etcd     *sections.Program  // nil when it is not configured
	programs []sections.Program // the others
	offline  bool               // it is looked for, and not started
	say      func(text string)  // what it waits for; may be nil
	held     func(source string) (protocol.Update, bool, error)
	found    bool             // there is one, so that there is a store
	store    *program.Program // that of etcd, once it is found
}

func (d *Document) outside(settings *sections.Sources, o Options) *outside {
	return &outside{captured: d.captured, runtime: settings.Slipway.Runtime, etcd: settings.Etcd, programs: settings.Programs, offline: o.Offline, say: o.Say, held: o.Held}
}

// Followed are the source programs that are followed while the container runs.
type Followed struct {
	Programs []FollowedProgram
	// Names says that there are peers whose names in DNS are followed.
	Names bool
	// Quiet is the time without a further change until a change is acted upon, and
	// QuietMax the time after which it is, whatever follows.
	Quiet, QuietMax time.Duration
}

// FollowedProgram is a source program that is followed.
type FollowedProgram struct {
	program.Program
	// StaleAfter is how long there may be no contact until people are told, and Unready
	// whether the container is not ready then.
	StaleAfter time.Duration
	Unready    bool
	Fleet      fleet.Rules
}

// Follow finds the source programs that are to be followed, in the order of sources.
func Follow(o Options) (*Followed, error) {
	doc, err := Read(o)
	if err != nil {
		return nil, err
	}
	settings, err := doc.settings()
	if err != nil {
		return nil, err
	}
	s := settings.Slipway
	out := &Followed{Quiet: s.Quiet, QuietMax: s.QuietMax, Names: followsNames(settings)}
	outside := doc.outside(settings, o)
	for _, name := range settings.Followed() {
		found, ok, err := outside.source(name)
		if err != nil {
			return nil, err
		}
		if ok {
			p := FollowedProgram{Program: found.Program, StaleAfter: defaultStale}
			if c := outside.configured(name); c != nil {
				p.StaleAfter, p.Unready, p.Fleet = c.StaleAfter, c.Unready, c.Fleet
			}
			out.Programs = append(out.Programs, p)
		}
	}
	return out, nil
}

// source is the program of a source; see [gather.Plan]. The default order names etcd, so
// that it is not configured is no error and starts nothing. Every other name was written
// by a person: one that is nothing is an error.
func (o *outside) source(name string) (gather.Outside, bool, error) {
	if name == sections.Etcd && o.etcd == nil {
		return gather.Outside{}, false, nil
	}
	own, err := os.Executable()
	if err != nil {
		own = "" // then PATH alone says where it is
	}
	path, err := program.Find(name, own, filepath.SplitList(o.variable("PATH")), gather.Names())
	if err != nil {
		return gather.Outside{}, false, err
	}
	o.found = true
	if o.offline {
		return gather.Outside{}, false, nil
	}
	found := gather.Outside{Program: program.Program{Name: name, Path: path, Environ: o.environ(), Note: o.say}}
	if name == sections.Etcd {
		o.store = &found.Program
	}
	if p := o.configured(name); p != nil {
		found.Program.Settings, found.Program.Timeout = p.Settings, p.Timeout
		found.Program.Alone = !p.Watch
		found.Prefixes, found.Export, found.Optional = p.Prefixes, p.Export, p.Optional
		if p.Cached {
			found.Cache = o.cache(p)
			o.beginWith(&found)
		}
	}
	if o.held != nil {
		if u, followed, err := o.held(name); followed {
			found.Get = func(context.Context) (protocol.Update, error) { return u, err }
		}
	}
	return found, true, nil
}

// configured is the section of a program; nil without one.
func (o *outside) configured(name string) *sections.Program {
	if name == sections.Etcd {
		return o.etcd
	}
	for i := range o.programs {
		if o.programs[i].Name == name {
			return &o.programs[i]
		}
	}
	return nil
}

// defaultStale is StaleAfter of a program without a section.
const defaultStale = 5 * time.Minute

// cache is where the last good snapshot of a program is kept.
func (o *outside) cache(p *sections.Program) *program.Cache {
	dir := p.Cache
	if dir == "" {
		dir = runtimeFolder(o.runtime)
	}
	return &program.Cache{File: filepath.Join(dir, p.Name+".snapshot"), Source: p.Name, Settings: p.Settings, MaxAge: p.MaxAge}
}

// beginWith has a source that there is a snapshot of tried once, and one that there is none
// of tried as one that is required.
func (o *outside) beginWith(found *gather.Outside) {
	if _, err := found.Cache.Load(time.Now()); err == nil {
		return
	}
	settings := slices.Clone(found.Program.Settings)
	for i := range settings {
		if settings[i].Name == "start" {
			settings[i].Text = "require"
		}
	}
	found.Program.Settings = settings
}

// Kept are the sources whose values are not the present ones but the last good ones.
func (im *Image) Kept() map[string]program.Kept { return im.from.kept }

// KeepSnapshots keeps what was read of the sources with start = cached: it was good. The
// error joins what could not be written.
func (im *Image) KeepSnapshots() error {
	var errs []error
	for name, u := range im.from.read {
		o, ok, err := im.from.outside.source(name)
		if err != nil || !ok || o.Cache == nil {
			continue
		}
		text, err := o.Cache.Encode(program.Kept{Update: u, At: time.Now()})
		if err == nil {
			err = way.MakeDirs(filepath.Dir(o.Cache.File), 0o700)
		}
		if err == nil {
			err = durable.Replace(durable.OS{}, o.Cache.File, text, true)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot keep the values of %s for a start without it: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// KeepAgain is how often they are to be kept again although nothing has changed, so that
// they do not grow too old; 0 for never.
func (im *Image) KeepAgain() time.Duration {
	var least time.Duration
	for name := range im.from.read {
		if o, ok, err := im.from.outside.source(name); err == nil && ok && o.Cache != nil && o.Cache.MaxAge > 0 {
			if every := o.Cache.MaxAge / 4; least == 0 || every < least {
				least = every
			}
		}
	}
	return least
}

func (o *outside) variable(name string) string {
	for _, e := range o.captured {
		if text, ok := strings.CutPrefix(e, name+"="); ok {
			return text
		}
	}
	return ""
}

// environ is what a program needs for its run-time library. What the container was given
// is not for it: it may hold secrets of others.
func (o *outside) environ() []string {
	names := []string{"PATH", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
	var env []string
	for _, e := range o.captured {
		name, _, _ := strings.Cut(e, "=")
		if slices.Contains(names, name) || slices.Contains(names[2:], strings.ToUpper(name)) {
			env = append(env, e)
		}
	}
	return env
}
