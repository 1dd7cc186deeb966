package transaction

import (
	"time"

	"slipway/render/transaction/durable"
)

// Failing says since when rendering again fails, so that the files are old, and why.
type Failing struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"` // the last one, without secrets
	// Again says that the reason may pass, so that it is tried again by itself.
	Again bool `json:"tried_again,omitempty"`
}

// MarkFailing records that rendering again has failed. What failed before began at its own
// time. again says that it is tried again by itself.
func MarkFailing(fsys durable.FS, opts Options, reason string, again bool) error {
	if m, err := readManifest(fsys, opts); err == nil && m.Failing != nil && m.Failing.Reason == reason && m.Failing.Again == again {
		return nil
	}
	return updateManifest(fsys, opts, func(m *manifest) error {
		since := opts.now()
		if m.Failing != nil {
			since = m.Failing.Since
		}
		m.Failing = &Failing{Since: since, Reason: reason, Again: again}
		return nil
	})
}

// ClearFailing records that rendering works again. Usually nothing is written.
func ClearFailing(fsys durable.FS, opts Options) error {
	if m, err := readManifest(fsys, opts); err != nil || m.Failing == nil {
		return nil //nolint:nilerr // who renders says what is wrong with the manifest
	}
	return updateManifest(fsys, opts, func(m *manifest) error {
		m.Failing = nil
		return nil
	})
}

// LastFailing returns why and since when rendering again fails, nil if it does not.
func LastFailing(fsys durable.FS, opts Options) (*Failing, error) {
	m, err := readManifest(fsys, opts)
	return m.Failing, err
}
