package child

import (
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/words"
)

// Statuses of a shell for a command that it cannot run.
const (
	NotFound      = 127
	NotExecutable = 126
	otherwise     = 1
)

// Failure is why a process could not be started. The zero value means that it could.
type Failure struct {
	Text      string // Supervisor's spawnerr; "": no failure
	Code      int    // exit status of a shell: NotFound, NotExecutable, 1 else
	Transient bool   // the machine's fault: it may be different in a moment
	Missing   bool   // a file is not there, which may come late
}

// DescriptorFailure says that the descriptors of a process cannot be made.
func DescriptorFailure(name string, err error) Failure {
	f := Failure{Code: otherwise, Transient: kernel.IsTransient(err)}
	if err == syscall.EMFILE || err == syscall.ENFILE {
		f.Text = "too many open files to spawn " + words.Quote(name)
	} else {
		f.Text = "unknown error making dispatchers for " + words.Quote(name) + ": " + words.ErrnoName(err)
	}
	return f
}

// SpawnFailure says what a failed Spawn of the file at path means for the process called
// name. Fork and exec fail with the same numbers; those that only a full machine gives
// are the fork's.
func (m *Maker) SpawnFailure(name, path string, err error) Failure {
	f := Failure{Code: otherwise, Transient: kernel.IsTransient(err)}
	switch err {
	case syscall.EAGAIN:
		f.Text = "Too many processes in process table to spawn " + words.Quote(name)
	case syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE:
		f.Text = "unknown error during fork for " + words.Quote(name) + ": " + words.ErrnoName(err)
	case syscall.EPERM:
		f.Text, f.Code = "no permission to run command "+words.Quote(path), NotExecutable
	case syscall.ENOENT: // the interpreter of a script, or of a dynamic executable
		which := m.interpreter(path)
		if which != "" {
			which += " "
		}
		f.Text, f.Code, f.Missing = "couldn't exec "+path+": ENOENT (its interpreter "+which+"does not exist)", NotFound, true
	default:
		f.Text, f.Code = "couldn't exec "+path+": "+words.ErrnoName(err), NotExecutable
	}
	return f
}
