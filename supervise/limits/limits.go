// Package limits raises the limits of a process to what [supervisord] asks for: the
// supervisor does so for itself, whose programs inherit them, and the launch stage where
// it runs a command as a program would run. Its rules exist once, here; it imports nothing
// of ours.
package limits

import "golang.org/x/sys/unix"

// System reads and sets the limits of the process. Limit returns the soft and the hard
// one.
type System interface {
	Limit(resource int) (soft, hard uint64, err error)
	SetLimit(resource int, soft, hard uint64) error
}

// Limit is one that is to be raised.
type Limit struct {
	Resource int    // RLIMIT_…
	Name     string // such as RLIMIT_NOFILE
	Option   string // of [supervisord], such as minfds
	Things   string // what it counts, in Supervisor's words
	Want     uint64 // at least
}

// everybodys is the number of descriptors that every system offers anyway.
const everybodys = 1024

// Of are the limits that the options minfds and minprocs ask to raise. The Go runtime has
// raised the number of descriptors to the hard limit for itself, and gives programs the
// original back unless we set one; so it is set only where the file asks for more than
// the default.
func Of(minfds, minprocs int) []Limit {
	var list []Limit
	if minfds > everybodys {
		list = append(list, Limit{unix.RLIMIT_NOFILE, "RLIMIT_NOFILE", "minfds", "file descriptors", uint64(minfds)})
	}
	if minprocs > 0 {
		list = append(list, Limit{unix.RLIMIT_NPROC, "RLIMIT_NPROC", "minprocs", "available processes", uint64(minprocs)})
	}
	return list
}

// Raise raises the soft limit to l.Want, and the hard one with it if need be. It reports
// whether it has; an error means that it may not, and hard is then the most that it could
// have been.
func (l Limit) Raise(s System) (raised bool, hard uint64, err error) {
	soft, hard, err := s.Limit(l.Resource)
	if err != nil {
		return false, 0, nil // a kernel without such a limit has nothing to raise
	}
	if soft >= l.Want && l.Resource != unix.RLIMIT_NOFILE {
		return false, hard, nil
	}
	if err := s.SetLimit(l.Resource, l.Want, max(hard, l.Want)); err != nil {
		return false, hard, err
	}
	return true, hard, nil
}
