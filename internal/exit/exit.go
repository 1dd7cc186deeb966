// Package exit is the table of exit statuses: one row per meaning, used by the
// commands, by their help texts and by the reference page.
//
// The numbers are those of sysexits.h where one fits, and those of a shell for
// commands that cannot be run, so that orchestrators and people can tell a
// wrong value from a store that is away. Only main functions call os.Exit.
package exit

import "strconv"

// The statuses that slipway itself ends with. Besides them, a container ends
// with the status of its program: its code, or Signalled + n.
const (
	OK            = 0
	Failed        = 1 // a command over the control socket: what was asked for did not happen
	Usage         = 2
	Data          = 65
	Unavailable   = 69
	Internal      = 70
	NoTasks       = 71
	CannotWrite   = 73
	Deadline      = 75
	Config        = 78
	NotExecutable = 126
	NotFound      = 127
	Signalled     = 128 // + the number of the signal
)

// Row is one line of the table.
type Row struct {
	Status  int
	Meaning string
	Remedy  string // what to do about it, or ""
}

// Label is the status as people read it.
func (r Row) Label() string {
	if r.Status == Signalled {
		return "128+n"
	}
	return strconv.Itoa(r.Status)
}

// Table returns all rows, by status.
func Table() []Row {
	return []Row{
		{OK, "done; for a container: it was stopped in order, or all its programs ended well", ""},
		{Failed, "what was asked of the supervisor did not happen, or a program is not up", "the message names the program; slipway status shows all of them"},
		{Usage, "the command line is wrong", "the message names the word; COMMAND --help lists what there is"},
		{Data, "a template or a value is wrong, or a check refused a rendered file; nothing was written", "the messages name file:line and the variable; slipway check finds the same at build time"},
		{Unavailable, "a source of values or the supervisor is not available", "the message names it; see whether it runs and can be reached from here"},
		{Internal, "slipway itself failed", "this is a defect: please report it with the message"},
		{NoTasks, "the system makes no more processes and threads, of which a start takes some", "raise the limit of the container (--pids-limit, pids.max) or of the user (ulimit -u), or see what has started so many"},
		{CannotWrite, "a file cannot be written; the files that were there are unchanged", "the message names the file and the user it was written as"},
		{Deadline, "a deadline passed", "the message names what was waited for"},
		{Config, "the configuration is wrong; nothing was written or started", "the messages name file:line; slipway check finds the same at build time"},
		{NotExecutable, "the command is there but cannot be executed", "see its mode, its interpreter line and its architecture"},
		{NotFound, "the command is not found", "see its spelling and PATH"},
		{Signalled, "ended by signal n, or the program that ended the container was", ""},
	}
}

// Find returns the row of a status.
func Find(status int) (Row, bool) {
	for _, r := range Table() {
		if r.Status == status {
			return r, true
		}
	}
	return Row{}, false
}
