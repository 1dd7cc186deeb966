package transaction

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"time"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// manifest is what slipway knows of the files it makes, from one transaction
// to the next, and what it owes the programs that read them.
type manifest struct {
	Version    int                   `json:"version"`
	Generation int                   `json:"generation"`
	Files      map[string]fileRecord `json:"files,omitempty"` // by destination
	Owed       map[string]Effect     `json:"owed,omitempty"`  // by program
	// Done is when each program was last told, for min_interval.
	Done map[string]time.Time `json:"done,omitempty"`
	// Plan is the digest of the plan that the files are of, "" when nobody knows.
	Plan string `json:"plan,omitempty"`
	// Refused is the plan that made a program ill and was taken back.
	Refused *Refusal `json:"refused,omitempty"`
	// Failing says that rendering again fails while programs run; nil if it does not.
	Failing *Failing `json:"failing,omitempty"`
}

type fileRecord struct {
	Digest   string   `json:"digest"`         // of the whole file
	Made     bool     `json:"made,omitempty"` // there was none before us
	Write    string   `json:"write"`
	Comment  string   `json:"comment,omitempty"`
	Template string   `json:"template,omitempty"`
	Secret   bool     `json:"secret,omitempty"`
	Notify   []string `json:"notify,omitempty"`
	// Values are those that went into it.
	Values []render.Origin `json:"values,omitempty"`
}

// Refusal is a change that was taken back because a program did not come back
// healthy with it, or by hand. The same change is not made again; another one is.
type Refusal struct {
	Digest  string    `json:"digest"`            // of the plan
	Program string    `json:"program,omitempty"` // "": it was taken back by hand
	Reason  string    `json:"reason"`            // why, without secrets
	At      time.Time `json:"at"`                // when
}

// RefusedError is what Begin returns for a plan that has been refused.
type RefusedError struct{ Refusal }

func (e *RefusedError) Error() string {
	if e.Program == "" {
		return "cannot apply the change: it was taken back by hand at " + e.At.Format(time.RFC3339)
	}
	return fmt.Sprintf("cannot apply the change: program %s did not come back healthy with it at %s: %s", e.Program, e.At.Format(time.RFC3339), e.Reason)
}

func (m *manifest) dests() []string {
	out := make([]string, 0, len(m.Files))
	for d := range m.Files {
		out = append(out, d)
	}
	sort.Strings(out)
	return out
}

func (m *manifest) effects() []Effect {
	out := make([]Effect, 0, len(m.Owed))
	for _, e := range m.Owed {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Program < out[j].Program })
	return out
}

// clone copies what nextManifest and the updates below change.
func (m *manifest) clone() *manifest {
	out := *m
	out.Files = make(map[string]fileRecord, len(m.Files))
	for k, v := range m.Files {
		out.Files[k] = v
	}
	out.Owed = make(map[string]Effect, len(m.Owed))
	for k, v := range m.Owed {
		out.Owed[k] = v
	}
	out.Done = make(map[string]time.Time, len(m.Done))
	for k, v := range m.Done {
		out.Done[k] = v
	}
	return &out
}

// ManifestFile is where the manifest of a runtime folder is.
func ManifestFile(runtime string) string { return Options{Runtime: runtime}.state(manifestFile) }

func readManifest(fsys durable.FS, opts Options) (*manifest, error) {
	empty := (&manifest{Version: stateVersion}).clone()
	if why := opts.folderOfStranger(fsys); why != "" {
		return empty, &UselessError{File: opts.Runtime, Why: why}
	}
	var m manifest
	err := readState(fsys, opts, manifestFile, &m)
	if missing(err) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	if why := m.valid(); why != "" {
		return empty, &UselessError{File: opts.state(manifestFile), Why: why}
	}
	return m.clone(), nil
}

func (tx *Tx) writeManifest(m *manifest) error {
	if !tx.durable {
		return nil
	}
	return writeState(tx.fsys, tx.opts, manifestFile, m)
}

// recordUnchanged writes the manifest when no file changed but what is known did.
func (tx *Tx) recordUnchanged(next *manifest) error {
	if reflect.DeepEqual(next, tx.last.clone()) {
		return nil
	}
	return tx.writeManifest(next)
}

// nextManifest is the manifest after the change. It does no I/O.
func (tx *Tx) nextManifest(pending []*Change) *manifest {
	next := tx.last.clone()
	next.Version = stateVersion
	for _, c := range tx.changes {
		t := c.Target
		record, known := tx.last.Files[t.Dest]
		if t.Absent {
			delete(next.Files, t.Dest)
			continue
		}
		if t.Write == render.WriteOnce && c.Action == Unchanged && !known {
			continue // not ours
		}
		made := record.Made || !known && c.Action == Create
		content := c.New
		if c.Action == Unchanged {
			content = c.Old
		}
		next.Files[t.Dest] = fileRecord{
			Digest: render.Digest(content), Made: made, Write: t.Write, Comment: t.Comment, Template: t.Template, Secret: t.Secret, Notify: t.Notify, Values: t.Origins,
		}
	}
	if tx.opts.NothingRuns {
		next.Owed, next.Refused = map[string]Effect{}, nil
	}
	next.Failing = nil
	next.Plan = tx.plan.Former
	if tx.plan.TakesBack == 0 { // it is another plan than the refused one, or that was forced
		next.Plan, next.Refused = tx.plan.Digest(), nil
	}
	if len(pending) == 0 {
		return next
	}
	next.Generation++
	if !tx.opts.NothingRuns {
		next.Owed = owe(next.Owed, pending, next.Generation, tx.plan.TakesBack > 0, tx.opts.now())
	}
	return next
}

// checkRefused stops a plan that has been tried.
func (tx *Tx) checkRefused() error {
	r := tx.last.Refused
	if r == nil || tx.opts.NothingRuns || tx.opts.Force || tx.plan.TakesBack > 0 || r.Digest != tx.plan.Digest() {
		return nil
	}
	return &RefusedError{*r}
}

// updateManifest changes the manifest under the lock.
func updateManifest(fsys durable.FS, opts Options, change func(m *manifest) error) (err error) {
	unlock, err := fsys.Lock(opts.state("render.lock"))
	if err != nil {
		return explain(opts.Runtime, opts.state("render.lock"), err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := recoverJournal(fsys, opts); err != nil {
		return err
	}
	m, err := readManifest(fsys, opts)
	if err != nil {
		return fmt.Errorf("cannot read the manifest %s: %w", opts.state(manifestFile), err)
	}
	if err := change(m); err != nil {
		return err
	}
	return writeState(fsys, opts, manifestFile, m)
}

// InPlace is the digest of the plan that the files are of, "" when nobody knows.
func InPlace(fsys durable.FS, opts Options) (string, error) {
	m, err := readManifest(fsys, opts)
	return m.Plan, err
}

// MarkRefused records that the plan of this digest made a program ill, or was taken back by hand.
func MarkRefused(fsys durable.FS, opts Options, r Refusal) error {
	return updateManifest(fsys, opts, func(m *manifest) error {
		m.Refused = &r
		return nil
	})
}

// LastRefused returns the change that was taken back last, if the one after it has not been made.
func LastRefused(fsys durable.FS, opts Options) (*Refusal, error) {
	m, err := readManifest(fsys, opts)
	return m.Refused, err
}

func generationFile(n int) string { return fmt.Sprintf("generation-%06d.json", n) }

// formerFiles is one kept generation: the files of a change as they were before it.
type formerFiles struct {
	Version    int          `json:"version"`
	Generation int          `json:"generation"` // the one that replaced them
	At         time.Time    `json:"at"`
	Plan       string       `json:"plan,omitempty"` // whose files these are
	Files      []formerFile `json:"files"`
}

type formerFile struct {
	Dest    string   `json:"dest"`
	Existed bool     `json:"existed"`
	Content []byte   `json:"content,omitempty"`
	Perm    uint32   `json:"perm"`
	UID     int      `json:"uid"`
	GID     int      `json:"gid"`
	Secret  bool     `json:"secret,omitempty"`
	Write   string   `json:"write"`
	Comment string   `json:"comment,omitempty"`
	Notify  []string `json:"notify,omitempty"`
	// Template is kept for messages.
	Template string          `json:"template,omitempty"`
	Values   []render.Origin `json:"values,omitempty"`
}

// keepGeneration keeps what the change replaced. It fails softly: the change has happened.
func (tx *Tx) keepGeneration(pending []*Change, next *manifest) {
	if !tx.durable {
		return
	}
	if tx.plan.TakesBack > 0 {
		if err := remove(tx.fsys, tx.opts.state(generationFile(tx.plan.TakesBack))); err != nil {
			tx.note("cannot remove the generation that was put back: %v", err)
		}
		return
	}
	former := formerFiles{Version: stateVersion, Generation: next.Generation, At: tx.opts.now(), Plan: tx.last.Plan}
	former.Files = make([]formerFile, 0, len(pending))
	existed := false
	for _, c := range pending {
		t := c.Target
		existed = existed || c.exists()
		former.Files = append(former.Files, formerFile{
			Dest: t.Dest, Existed: c.exists(), Content: c.Old, Perm: c.info.Perm(), UID: c.info.UID, GID: c.info.GID,
			Secret: t.Secret || tx.last.Files[t.Dest].Secret, Write: t.Write, Comment: t.Comment, Notify: t.Notify, Template: t.Template,
			Values: tx.last.Files[t.Dest].Values,
		})
	}
	// To go back before the first files of all would take everything away.
	if tx.opts.Keep > 0 && (existed || tx.last.Generation > 0) {
		if err := writeState(tx.fsys, tx.opts, generationFile(next.Generation), &former); err != nil {
			tx.note("cannot keep the former files for a rollback: %v", err)
		}
	}
	if err := tx.dropGenerations(); err != nil {
		tx.note("cannot remove old generations: %v", err)
	}
}

func generations(fsys durable.FS, opts Options) ([]string, error) {
	names, err := fsys.ReadDir(opts.Runtime)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var out []string
	for _, n := range names {
		if isGeneration(n) {
			out = append(out, n)
		}
	}
	return out, nil // ReadDir sorts
}

func (tx *Tx) dropGenerations() error {
	names, err := generations(tx.fsys, tx.opts)
	for len(names) > tx.opts.Keep && err == nil {
		err = tx.fsys.Remove(tx.opts.state(names[0]))
		names = names[1:]
	}
	return err
}

// ErrNoGeneration is returned when there is nothing to go back to.
var ErrNoGeneration = errors.New("cannot roll back: no former generation is kept")

// RollbackPlan is the plan that puts the last generation back. Applying it
// consumes that generation; applying another one afterwards goes back further.
func RollbackPlan(fsys durable.FS, opts Options) (*render.Plan, error) {
	names, err := generations(fsys, opts)
	if err != nil {
		return nil, fmt.Errorf("cannot read the generations in %s: %w", opts.Runtime, err)
	}
	if len(names) == 0 {
		return nil, ErrNoGeneration
	}
	name := names[len(names)-1]
	var former formerFiles
	if why := opts.folderOfStranger(fsys); why != "" {
		return nil, fmt.Errorf("cannot go back: %w", &UselessError{File: opts.Runtime, Why: why})
	}
	err = readState(fsys, opts, name, &former)
	if why := former.valid(); err == nil && why != "" {
		err = &UselessError{File: opts.state(name), Why: why}
	}
	if errors.As(err, new(*UselessError)) {
		return nil, fmt.Errorf("cannot go back: %w; remove it to go back to the generation before it", err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the generation %s: %w", opts.state(name), err)
	}
	plan := &render.Plan{TakesBack: former.Generation, Former: former.Plan}
	for _, f := range former.Files {
		t := render.Target{
			Dest: f.Dest, Absent: !f.Existed, Content: f.Content, Secret: f.Secret, Template: f.Template, Mode: int(f.Perm),
			Owner: fmt.Sprintf("%d:%d", f.UID, f.GID), Notify: f.Notify, Write: f.Write, Comment: f.Comment, Whole: true, Origins: f.Values,
		}
		if !f.Secret {
			t.Shown = f.Content
		}
		plan.Targets = append(plan.Targets, t)
	}
	return plan, nil
}
