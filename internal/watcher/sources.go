package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"time"

	"slipway/internal/launch"
	"slipway/internal/launch/sections"
	"slipway/render/transaction/durable"
	"slipway/sources/dns"
	"slipway/sources/program"
	"slipway/sources/protocol"
	"slipway/supervise/control"
)

// Source is how it stands with a followed source, and with what was made of it.
type Source struct {
	program.Condition
	// Applied is the revision of which files and programs are; 0 while none is.
	Applied int64 `json:"revision_applied,omitempty"`
	// Kept is when the values were good that are in force because the source could not be
	// read since the watcher began; zero: they are the source's own.
	Kept time.Time `json:"values_kept_at,omitzero"`
	// Unready says that the container counts as not ready while contact is lost for longer
	// than StaleAfter.
	Unready    bool          `json:"unready_when_stale,omitempty"`
	StaleAfter time.Duration `json:"stale_after"` // in nanoseconds
	// Refused is why the wanted revision is not in force and will not be by itself, unless a check
	// that has refused it says something else later.
	Refused string `json:"refused,omitempty"`
	// Owed is why the wanted revision is not in force yet: that may pass, and it is tried again.
	Owed string `json:"owed,omitempty"`
	// Waits says what the wanted revision waits for, of the fleet.
	Waits string `json:"waits,omitempty"`
}

// Stale is how long there has been no contact, at a time; 0 while there is.
func (s Source) Stale(now time.Time) time.Duration {
	if s.Lost.IsZero() {
		return 0
	}
	return now.Sub(s.Lost)
}

// Unwell says why the container is not ready because of the source at a time, "" if it is.
func (s Source) Unwell(now time.Time) string {
	if stale := s.Stale(now); s.Unready && stale > 0 && stale >= s.StaleAfter {
		return "no contact for " + stale.Round(time.Second).String() + ": " + s.Cause
	}
	return ""
}

// sourcesFile holds what `slipway status` says of sources.
const sourcesFile = control.SourcesFile

// contactEvery bounds how often the time of the last contact alone is written down.
const contactEvery = time.Minute

// Sources are the sources that the watcher follows for the supervisor of a runtime folder,
// as it has last written them down.
func Sources(runtime string) ([]Source, error) {
	text, err := durable.OS{}.ReadFile(filepath.Join(runtime, sourcesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Source
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	return list, err
}

// followed is a source, and how far it has come.
type followed struct {
	program.Follower
	rendered int64  // the revision of the last render that succeeded
	applied  int64  // the one after which nothing was owed
	refused  string // why the last render is refused
	owed     string // why it failed, if that may pass
	kept     time.Time
	warned   bool // that it is stale
	unready  bool
	ends     time.Time     // when to look at what is about to end; zero: after news
	after    time.Duration // until it counts as stale
}

// followSources starts following the source programs. The function returned ends that.
func (w *watch) followSources(ctx context.Context) (stop func(), err error) {
	found, err := launch.Follow(w.options)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w.calm = calm{quiet: found.Quiet, longest: found.QuietMax}
	w.news = make(chan struct{}, 1)
	w.options.Held = w.held
	ended := make(chan error, len(found.Programs)+1)
	if found.Names {
		w.names = &names{Follower: dns.Follower{Log: w.log}}
		w.names.Changed = func() { w.names.version.Add(1); w.look() }
		w.options.Names = w.names
		go func() { ended <- w.names.Run(ctx) }() // ends with ctx; stop waits
	}
	for _, p := range found.Programs {
		f := &followed{Follower: program.Follower{Program: p.Program, Log: w.log, Changed: w.look, Foreign: p.Name != sections.Etcd, Patience: p.Timeout}, unready: p.Unready, after: p.StaleAfter}
		w.sources = append(w.sources, f)
		if p.Fleet.On() {
			w.turn.rules, w.turn.program, w.turn.ctx, w.turn.look, w.turn.log = p.Fleet, p.Program, ctx, w.look, w.log
		}
		go func() { ended <- f.Run(ctx) }() // ends with ctx; stop waits
	}
	return func() {
		cancel()
		for range w.sources {
			<-ended
		}
		if w.names != nil {
			<-ended
		}
	}, nil
}

// names are those of peers that are followed in DNS.
type names struct {
	dns.Follower
	version atomic.Int64 // of the answers; a goroutine of its own looks them up
}

// inFiles reports whether files are all that can change.
func (w *watch) inFiles() bool { return len(w.sources) == 0 && w.names == nil }

// look has the loop look at the sources.
func (w *watch) look() {
	select {
	case w.news <- struct{}{}:
	default: // one look sees all
	}
}

// held is what a source has said last; see [launch.Options].
func (w *watch) held(name string) (protocol.Update, bool, error) {
	for _, f := range w.sources {
		if f.Program.Name == name {
			u, _, err := f.Held()
			return u, true, err
		}
	}
	return protocol.Update{}, false, nil
}

// spoken reports whether every source has said something.
func (w *watch) spoken() bool {
	for _, f := range w.sources {
		if _, ok, _ := f.Held(); !ok {
			return false
		}
	}
	return true
}

// versions counts the changes of all sources, and of names.
func (w *watch) versions() int {
	n := 0
	for _, f := range w.sources {
		n += f.Version()
	}
	if w.names != nil {
		n += int(w.names.version.Load())
	}
	return n
}

// reading notes which revisions a render is of; it returns how to note what became of it.
func (w *watch) reading() (became func(*launch.Image, error)) {
	of := make([]int64, len(w.sources))
	for i, f := range w.sources {
		of[i] = f.Condition().Wanted
	}
	return func(im *launch.Image, err error) {
		for i, f := range w.sources {
			f.refused, f.owed = "", ""
			switch {
			case err != nil && passing(err, true): // what a check has refused is called so
				f.owed = w.sink.hide(err.Error())
				continue
			case err != nil:
				f.refused = w.sink.hide(err.Error())
				continue
			}
			f.rendered, f.kept = of[i], time.Time{}
			if k, ok := im.Kept()[f.Program.Name]; ok {
				f.rendered, f.kept = k.Revision, k.At
			}
		}
		if err == nil {
			w.keep(im)
		}
	}
}

// keep keeps what the sources have said, which is good, for a start without them.
func (w *watch) keep(im *launch.Image) {
	w.image, w.keptAt = im, time.Now()
	if err := im.KeepSnapshots(); err != nil && err.Error() != w.unkept {
		w.unkept = err.Error()
		w.log.Warn(w.unkept)
	}
}

// refresh keeps it again before it is too old, while there is contact.
func (w *watch) refresh() {
	if w.image == nil {
		return
	}
	for _, f := range w.sources {
		if !f.Condition().Lost.IsZero() || f.refused != "" || f.owed != "" {
			return
		}
	}
	if every := w.image.KeepAgain(); every > 0 && time.Since(w.keptAt) > every {
		w.keep(w.image)
	}
}

// settled notes that nothing is owed.
func (w *watch) settled() {
	for _, f := range w.sources {
		if f.refused == "" && f.owed == "" {
			f.applied = f.rendered
		}
	}
}

// staleDue is when a source is stale for so long that people are told, or something has ended
// that it depends on; zero: never.
func (w *watch) staleDue() (next time.Time) {
	for _, f := range w.sources {
		if !f.ends.IsZero() && (next.IsZero() || f.ends.Before(next)) {
			next = f.ends
		}
		if lost := f.Condition().Lost; !lost.IsZero() && !f.warned {
			if at := lost.Add(f.after); next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return next
}

// warnStale says once of each source that it is stale for long, or will be: that what it depends
// on ends.
func (w *watch) warnStale(now time.Time) {
	for _, f := range w.sources {
		f.ends = f.WarnOfEnds(now)
		c := f.Condition()
		switch {
		case c.Lost.IsZero():
			f.warned = false
		case !f.warned && f.unready && now.Sub(c.Lost) >= f.after:
			f.warned = true
			w.log.Warn(f.Program.Name+" is stale, the container counts as not ready", "for", now.Sub(c.Lost).Round(time.Second), "cause", c.Cause)
		case !f.unready: // one line says that contact is lost, and that is all that it means
			f.warned = true
		}
	}
}

// record writes down how it stands with the sources. That it cannot be is no matter for
// them: where no folder can be written, nothing is.
func (w *watch) record(runtime string) {
	if len(w.sources) == 0 {
		return
	}
	list := make([]Source, len(w.sources))
	for i, f := range w.sources {
		list[i] = Source{Condition: f.Condition(), Applied: f.applied, Kept: f.kept, Unready: f.unready, StaleAfter: f.after, Refused: f.refused, Owed: f.owed}
		list[i].Cause = w.sink.hide(list[i].Cause)
		for j := range list[i].Expires {
			list[i].Expires[j].What = w.sink.hide(list[i].Expires[j].What)
		}
		if f.Program.Name == w.turn.program.Name {
			list[i].Waits = w.turn.waits()
		}
	}
	if now := time.Now(); now.Sub(w.recorded) >= contactEvery || !sameBut(list, w.last) {
		text, err := json.Marshal(list)
		if err == nil {
			err = durable.Replace(durable.OS{}, filepath.Join(runtime, sourcesFile), text, false)
		}
		if err == nil {
			w.recorded, w.last = now, list
		}
	}
}

// sameBut reports whether two lists are the same but for the times of the last contact.
func sameBut(a, b []Source) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		y := b[i]
		x.Contact, y.Contact = time.Time{}, time.Time{}
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
