package transaction

import (
	"slices"
	"strings"
	"time"

	"slipway/render/transaction/durable"
)

// Effect is a program that has to be told about changed files: one action of
// its (reload, else restart), however many files changed. It is owed until it
// is settled: a failed reload is not forgotten because the files are equal now.
type Effect struct {
	Program string   `json:"program"` // its name, or that of its group
	Dests   []string `json:"dests"`   // why, sorted
	// Variables are those that the program is restarted for, which the reload of a
	// running one does not bring; sorted.
	Variables  []string  `json:"variables,omitempty"`
	Generation int       `json:"generation"`          // of the newest change that it has not been told of
	First      int       `json:"first"`               // of the oldest one
	Since      time.Time `json:"since"`               // when it was first owed
	Tries      int       `json:"tries,omitempty"`     // that have failed
	NotBefore  time.Time `json:"not_before,omitzero"` // when it is tried next
	Failure    string    `json:"failure,omitempty"`   // of the last try
}

// owe adds what a change owes to what is owed already. Going back is a new beginning:
// the changes before it are gone.
func owe(owed map[string]Effect, pending []*Change, generation int, back bool, now time.Time) map[string]Effect {
	for _, c := range pending {
		for _, program := range c.Target.Notify {
			e, ok := owed[program]
			if !ok {
				e = Effect{Program: program, Since: now, First: generation}
			}
			if back {
				e.First = generation
			}
			if e.Generation != generation { // new content: try at once, whatever failed before
				e.Generation, e.Tries, e.NotBefore, e.Failure = generation, 0, time.Time{}, ""
			}
			if !slices.Contains(e.Dests, c.Target.Dest) {
				e.Dests = append(slices.Clone(e.Dests), c.Target.Dest)
				slices.Sort(e.Dests)
			}
			owed[program] = e
		}
	}
	return owed
}

// Why names what the program has to take over: files and variables.
func (e Effect) Why() string { return strings.Join(slices.Concat(e.Dests, e.Variables), ", ") }

// OweRestarts records that programs are to be restarted because variables have new
// values, each with the names of these.
func OweRestarts(fsys durable.FS, opts Options, restarts map[string][]string) error {
	return updateManifest(fsys, opts, func(m *manifest) error {
		for program, names := range restarts {
			e, ok := m.Owed[program]
			if !ok {
				e = Effect{Program: program, Since: opts.now()}
			}
			e.Tries, e.NotBefore, e.Failure = 0, time.Time{}, ""
			e.Variables = slices.Concat(e.Variables, names)
			slices.Sort(e.Variables)
			e.Variables = slices.Compact(e.Variables)
			m.Owed[program] = e
		}
		return nil
	})
}

// Backoff is the time to wait after a number of failed tries: 1 s, 2 s, 4 s, … 5 min.
func Backoff(tries int) time.Duration {
	const most = 5 * time.Minute
	if tries < 1 {
		return 0
	}
	if tries > 9 {
		return most
	}
	return min(time.Second<<(tries-1), most)
}

// Due splits what is owed into what is to be done now, and the time at which to
// look again (zero when nothing else is owed). minInterval defers: a program is told
// no sooner than that after it was told last, and then of everything since.
func Due(owed []Effect, done map[string]time.Time, minInterval map[string]time.Duration, now time.Time) (due []Effect, next time.Time) {
	for _, e := range owed {
		at := e.NotBefore
		if last, wait := done[e.Program], minInterval[e.Program]; wait > 0 {
			if t := last.Add(wait); t.After(at) {
				at = t
			}
		}
		switch {
		case !at.After(now):
			due = append(due, e)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return due, next
}

// Owed returns what is owed, ordered by program, and when each program was last told.
func Owed(fsys durable.FS, opts Options) (owed []Effect, done map[string]time.Time, err error) {
	m, err := readManifest(fsys, opts)
	return m.effects(), m.Done, err
}

// Settle records that a program was told. A debt that is newer than e stays.
func Settle(fsys durable.FS, opts Options, e Effect) error {
	return updateManifest(fsys, opts, func(m *manifest) error {
		if now, ok := m.Owed[e.Program]; ok && now.Generation == e.Generation && len(now.Variables) == len(e.Variables) {
			delete(m.Owed, e.Program)
		}
		m.Done[e.Program] = opts.now()
		return nil
	})
}

// Postpone records that telling a program failed, and why. It stays owed, and
// is due again after [Backoff].
func Postpone(fsys durable.FS, opts Options, e Effect, failure string) error {
	return updateManifest(fsys, opts, func(m *manifest) error {
		now, ok := m.Owed[e.Program]
		if !ok || now.Generation != e.Generation {
			return nil
		}
		now.Tries++
		now.Failure = failure
		now.NotBefore = opts.now().Add(Backoff(now.Tries))
		m.Owed[e.Program] = now
		return nil
	})
}
