package overlap

import "slipway/supervise/loop"

// Line is the place of a process, a P, among those of its program of which one takes the
// place of the other. Of a process that has never been in one it is nil.
type Line[P comparable] struct {
	Heir   P          // that is to take its place; the zero P: none
	Beside bool       // it is not, or no longer, the process that its program shows
	Failed string     // why the last heir did not take its place; "": it did, or there was none
	Late   bool       // an heir has had its time
	Limit  loop.Timer // of an heir
}

// HasHeir reports whether another process is to take the place of this one.
func (l *Line[P]) HasHeir() bool {
	var none P
	return l != nil && l.Heir != none
}

// IsBeside reports whether the process is not the one that its program shows: it is to be, or
// was.
func (l *Line[P]) IsBeside() bool { return l != nil && l.Beside }

// HeirFailed is why the process that was to take the place of this one did not; "": it did,
// or there was none.
func (l *Line[P]) HeirFailed() string {
	if l == nil {
		return ""
	}
	return l.Failed
}
