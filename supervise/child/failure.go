package child

import (
	"strconv"
	"syscall"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/kernel"
	"slipway/supervise/limits"
	"slipway/supervise/listening"
	"slipway/supervise/machine"
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
	Err       error  // of the system; nil: it has not been asked
}

// Explain adds to the text which limit it is that was reached, and where one raises it.
func (f *Failure) Explain(k limits.Kernel) {
	if named := limits.Named(k, f.Err); named != "" {
		f.Text += ": " + named
	}
}

// Again says when a program is tried again that lacks a file, which may be on a volume that
// comes late; and, at the first of these failures in a row, that it is tried for as long as a
// limit leaves it no room. It is "" for all others.
func (f *Failure) Again(p *machine.Proc, retries int, now time.Time) string {
	switch {
	case p.State != machine.Backoff:
	case f.Transient && p.Stalls == 1:
		return "; it is tried again until there is room"
	case f.Missing:
		return "; try " + strconv.Itoa(p.Tries+1) + " of " + strconv.Itoa(retries+1) + " in " + p.Due.Sub(now).Round(time.Second/10).String()
	}
	return ""
}

// DescriptorFailure says that the descriptors of a process cannot be made.
func DescriptorFailure(name string, err error) Failure {
	f := Failure{Code: otherwise, Transient: kernel.IsTransient(err), Err: err}
	if none, ok := err.(*listening.Error); ok {
		f.Text = none.Error()
		return f
	}
	if err == syscall.EMFILE || err == syscall.ENFILE {
		f.Text = "too many open files to spawn " + words.Quote(name)
	} else {
		f.Text = "unknown error making dispatchers for " + words.Quote(name) + ": " + words.ErrnoName(err)
	}
	return f
}

// StepFailure is SpawnFailure for a step before the execve, "" for the execve and the fork.
func (m *Maker) StepFailure(name, path, step string, err error) Failure {
	f := m.SpawnFailure(name, path, err)
	if step == "" {
		return f
	}
	f.Text = "couldn't " + step + " for " + words.Quote(name) + ": " + attributes.Refused(step, err)
	f.Code, f.Missing = NotExecutable, false
	return f
}

// SpawnFailure says what a failed Spawn of the file at path means for the process called
// name. Fork and exec fail with the same numbers; those that only a full machine gives
// are the fork's.
func (m *Maker) SpawnFailure(name, path string, err error) Failure {
	f := Failure{Code: otherwise, Transient: kernel.IsTransient(err), Err: err}
	if none, ok := err.(kernel.NoHolder); ok {
		f.Text, f.Code = "couldn't set the limits and other attributes of "+words.Quote(name)+": "+none.Error(), NotExecutable
		return f
	}
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
