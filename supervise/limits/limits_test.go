package limits

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// fake is a process with one limit.
type fake struct {
	soft, hard uint64
	unknown    bool
	root       bool
}

func (f *fake) Limit(int) (uint64, uint64, error) {
	if f.unknown {
		return 0, 0, unix.EINVAL
	}
	return f.soft, f.hard, nil
}

func (f *fake) SetLimit(_ int, soft, hard uint64) error {
	if hard > f.hard && !f.root {
		return unix.EPERM
	}
	f.soft, f.hard = soft, hard
	return nil
}

func TestRaise(t *testing.T) {
	for _, tt := range []struct {
		name       string
		resource   int
		f          fake
		raised     bool
		err        error
		soft, hard uint64
	}{
		{"below the hard limit", unix.RLIMIT_NPROC, fake{soft: 100, hard: 5000}, true, nil, 2000, 5000},
		{"above it, as root", unix.RLIMIT_NPROC, fake{soft: 100, hard: 500, root: true}, true, nil, 2000, 2000},
		{"above it, as another user", unix.RLIMIT_NPROC, fake{soft: 100, hard: 500}, false, unix.EPERM, 100, 500},
		{"high enough", unix.RLIMIT_NPROC, fake{soft: 3000, hard: 5000}, false, nil, 3000, 5000},
		{"descriptors high enough for us, not for programs", unix.RLIMIT_NOFILE, fake{soft: 5000, hard: 5000}, true, nil, 2000, 5000},
		{"no such limit", unix.RLIMIT_NPROC, fake{unknown: true}, false, nil, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raised, _, err := Limit{Resource: tt.resource, Want: 2000}.Raise(&tt.f)
			if raised != tt.raised || !errors.Is(err, tt.err) || tt.f.soft != tt.soft || tt.f.hard != tt.hard {
				t.Errorf("Raise = %v, %v; limits %d, %d; want %v, %v; %d, %d", raised, err, tt.f.soft, tt.f.hard, tt.raised, tt.err, tt.soft, tt.hard)
			}
		})
	}
}

func TestOf(t *testing.T) {
	for _, tt := range []struct{ files, processes, want int }{{1024, 0, 0}, {1025, 0, 1}, {0, 1, 1}, {65536, 200, 2}} {
		if got := Of(tt.files, tt.processes); len(got) != tt.want {
			t.Errorf("Of(%d, %d) = %v, want %d limits", tt.files, tt.processes, got, tt.want)
		}
	}
}
