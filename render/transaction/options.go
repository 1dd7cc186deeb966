package transaction

import (
	"os"
	"path"
	"time"
)

// Accounts looks up users and groups by name, as /etc/passwd and /etc/group
// have them. Numbers never come here.
type Accounts struct {
	User  func(name string) (uid, gid int, ok bool)
	Group func(name string) (gid int, ok bool)
}

// Options say where and how a plan is applied.
type Options struct {
	// Root is put in front of every destination; "" is the real root.
	Root string
	// Runtime is the folder of the manifest, the journal and the generations. It
	// is made when it is missing; where that is impossible, and when it is "",
	// the transaction does without: it is then not crash-safe over several files,
	// and nothing is owed or removed later. Root is not put in front of it.
	Runtime string
	// Accounts resolves the owners of targets. KeepOwner ignores them, for
	// rendering into a folder without privileges.
	Accounts  Accounts
	KeepOwner bool
	// Sync makes the change survive a power cut: one syncfs per file system before and one
	// after the swap. The start of a container does without: it renders anew anyway.
	Sync bool
	// CheckTimeout bounds each check command; 0 is 30 s.
	CheckTimeout time.Duration
	// CheckEnv is the environment of check commands; nil is an empty one.
	CheckEnv []string
	// Keep is how many former generations are kept for rollback; 0 keeps none.
	Keep int
	// NothingRuns says that no program runs yet, as when the container starts: nobody has to be told of
	// the change, and former debts and refusals are void.
	NothingRuns bool
	// Force applies a plan that was refused before.
	Force bool
	// Say is told what is waited for; nil is silent.
	Say func(text string)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

func (o Options) state(name string) string { return path.Join(o.Runtime, name) }

// uid is who writes, for messages and to know what needs no chown.
func uid() int { return os.Geteuid() }
