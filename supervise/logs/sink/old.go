//go:build linux

package sink

import (
	"time"

	"slipway/supervise/logs/rotation"
)

// Old is an old file of a log that somebody compresses: he reads From, writes To, and has it
// on the disk. The descriptors are his.
type Old struct {
	From, To int
	Log      string // whose file it is

	of *rotation.Old
}

// NextOld returns the next old file to be compressed; nil: there is none. Done follows before
// the next one.
func (t *Targets) NextOld() (*Old, error) {
	for len(t.due) > 0 {
		o := t.due[0]
		from, to, ok := -1, -1, false
		var err error
		if o.IsDue() {
			from, to, ok, err = o.Begin()
		}
		switch {
		case err != nil:
			return nil, &PathError{"compress an old", o.Path, err}
		case ok:
			return &Old{from, to, o.Path, o}, nil
		}
		t.due = t.due[1:]
	}
	return nil, nil
}

// oldOf returns the old files of the log at path that are to be compressed, whether it is open
// or not; nil: there are none.
func (t *Targets) oldOf(path string) *rotation.Old {
	for _, o := range t.due {
		if o.Path == path {
			return o
		}
	}
	return nil
}

// Done takes the compressed file into the place of the old one; with ok false, nothing of it
// is left.
func (o *Old) Done(ok bool) error {
	if err := o.of.End(ok); err != nil {
		o.of.Rest()
		return &PathError{"compress an old", o.Log, err}
	}
	return nil
}

// wall is the time of day.
func (t *Targets) wall() time.Time {
	if x, ok := t.sys.(interface{ Wall() time.Time }); ok {
		return x.Wall()
	}
	return t.sys.Now()
}
