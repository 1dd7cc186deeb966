package control

import (
	"errors"
	"strconv"
)

// Code is the number of a fault. The numbers up to 92 are Supervisor's, so its
// clients see what they know; ours begin at 200.
type Code int

// The faults. 80 (Success) occurs only in the results of group operations.
const (
	UnknownMethod        Code = 1
	IncorrectParameters  Code = 2
	BadArguments         Code = 3
	SignatureUnsupported Code = 4
	ShutdownState        Code = 6
	BadName              Code = 10
	BadSignal            Code = 11
	NoFile               Code = 20
	NotExecutable        Code = 21
	Failed               Code = 30
	AbnormalTermination  Code = 40
	SpawnError           Code = 50
	AlreadyStarted       Code = 60
	NotRunning           Code = 70
	Success              Code = 80
	AlreadyAdded         Code = 90
	StillRunning         Code = 91
	CantReread           Code = 92

	TooSlow    Code = 200 // the reader of a stream did not keep up
	TooMany    Code = 201 // more open calls or descriptors than one connection may have
	Forbidden  Code = 202 // not for this peer
	Cancelled  Code = 203 // the client withdrew the call
	Gone       Code = 204 // the connection ended before the answer
	NotOffered Code = 205 // in the table, but this PID 1 has no handler for it
)

// faultRow is one line of the fault table.
type faultRow struct {
	code Code
	name string
	text string
}

// faults is the one table of codes, names and meanings; adapters map from it and
// never invent their own.
var faults = [...]faultRow{
	{UnknownMethod, "UNKNOWN_METHOD", "there is no such method"},
	{IncorrectParameters, "INCORRECT_PARAMETERS", "wrong number or type of arguments"},
	{BadArguments, "BAD_ARGUMENTS", "an argument is out of its range"},
	{SignatureUnsupported, "SIGNATURE_UNSUPPORTED", "nothing is known of that method"},
	{ShutdownState, "SHUTDOWN_STATE", "the supervisor is stopping or restarting"},
	{BadName, "BAD_NAME", "there is no such process or group"},
	{BadSignal, "BAD_SIGNAL", "there is no such signal"},
	{NoFile, "NO_FILE", "there is no such file"},
	{NotExecutable, "NOT_EXECUTABLE", "the command is not executable"},
	{Failed, "FAILED", "the operation failed"},
	{AbnormalTermination, "ABNORMAL_TERMINATION", "the process ended before it was running"},
	{SpawnError, "SPAWN_ERROR", "the process could not be started"},
	{AlreadyStarted, "ALREADY_STARTED", "the process is running already"},
	{NotRunning, "NOT_RUNNING", "the process is not running"},
	{Success, "SUCCESS", "the operation succeeded"},
	{AlreadyAdded, "ALREADY_ADDED", "the group is active already"},
	{StillRunning, "STILL_RUNNING", "processes of the group are still running"},
	{CantReread, "CANT_REREAD", "the configuration cannot be read"},
	{TooSlow, "TOO_SLOW", "the stream was read more slowly than it grew"},
	{TooMany, "TOO_MANY", "too much is open for this client"},
	{Forbidden, "FORBIDDEN", "this connection may not call the method"},
	{Cancelled, "CANCELLED", "the call was withdrawn"},
	{Gone, "GONE", "the connection ended before the answer"},
	{NotOffered, "NOT_OFFERED", "this supervisor does not offer the method"},
}

// Name returns the code's name, such as "BAD_NAME".
func (c Code) Name() string {
	for _, row := range faults {
		if row.code == c {
			return row.name
		}
	}
	return "FAULT_" + strconv.Itoa(int(c))
}

// Text returns a sentence for people, without a period.
func (c Code) Text() string {
	for _, row := range faults {
		if row.code == c {
			return row.text
		}
	}
	return "unknown fault"
}

// CodeOf returns the code of a name such as "BAD_NAME".
func CodeOf(name string) (Code, bool) {
	for _, row := range faults {
		if row.name == name {
			return row.code, true
		}
	}
	return 0, false
}

// Codes returns all codes in ascending order.
func Codes() []Code {
	out := make([]Code, len(faults))
	for i, row := range faults {
		out[i] = row.code
	}
	return out
}

// Fault is an error that travels: a remote caller gets the same code and detail
// that the handler returned.
type Fault struct {
	Code   Code
	Detail string // what it is about, usually a name; may be empty
}

// Error returns Supervisor's faultString: NAME, or NAME and the detail.
func (f *Fault) Error() string {
	if f.Detail == "" {
		return f.Code.Name()
	}
	return f.Code.Name() + ": " + f.Detail
}

// Is lets errors.Is compare by code: errors.Is(err, &Fault{Code: BadName}). A
// target with a detail matches only that detail.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code && (t.Detail == "" || t.Detail == f.Detail)
}

// NewFault returns a fault; detail may be "".
func NewFault(code Code, detail string) *Fault { return &Fault{Code: code, Detail: detail} }

// FaultOf returns the fault in err's chain, or a Failed one with err's text. A
// nil err has none.
func FaultOf(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return NewFault(Failed, err.Error())
}
