// Package surface says what people and other programs see of the operations that PID 1
// offers: one row for each row of package control, under the same constant. XML-RPC
// methods, the verbs of the command line, JSON and the reference page follow from it.
//
// The operation itself is the row of package control and its handler in PID 1. The two
// tables are apart because PID 1 holds what it links for as long as the container lives,
// and needs no word of this one; a test holds them to the same operations.
package surface

import "slipway/supervise/control"

// Operation is the row of an operation.
type Operation struct {
	// Name is that of the row in package control.
	Name string
	// Method is that row. Table fills it in.
	Method control.Method
	// Doc is one sentence, without a period.
	Doc string
	// Result is the kind of the answer.
	Result control.Kind
	// Of is what the answer is, or each of its items if it is a list; nil for answers
	// that are no structs.
	Of control.Answer
	// Group and All are the same operation on the processes of a group and on all of
	// them; "" where there is none. They take the same arguments after the name.
	Group, All string
	// Deferred answers may take as long as the program that they wait for.
	Deferred bool
	// Streaming operations send chunks before their answer.
	Streaming bool
	// Descriptor answers may carry a file descriptor.
	Descriptor bool
	// RPC are the XML-RPC methods that call the operation.
	RPC []RPC
	// Verb is the command that calls the operation; nil: there is none, or it has code of
	// its own.
	Verb *Verb
}

// RPC is a method of Supervisor's XML-RPC interface. Its parameters are the arguments of
// the operation, of which booleans are optional, and its result is the answer.
type RPC struct {
	Name string
	// Old is a former name, which works as well; "" for none.
	Old  string
	Help string
	// Member is the only one of the answer's that is returned; "": the whole answer.
	Member string
	// Type is that of the result, and Params are those of the parameters, where they are
	// not those of the operation.
	Type   string
	Params []string
	// AnyTime: the method answers while the supervisor stops, as the operation does.
	// Supervisor refuses all others then.
	AnyTime bool
	// Own: the front has code of its own for the method, because its parameters or its
	// result mean something else than those of the operation.
	Own bool
}

// Verb is a command of slipway that does nothing but call an operation: for every process
// or group that is named, or once if the operation takes no name. A boolean argument wait
// becomes the option --no-wait, every other argument a word before the names.
type Verb struct {
	Word  string // start
	Done  string // started: what is said of success
	Short string // for the list of commands
	Long  string // "": Short
	Hint  string // a right command line, for those who typed a wrong one
	What  string // what a command without names is about: the logs
	// Already is the fault that means that nothing had to be done, Said what is said then.
	Already control.Code
	Said    string
}

// Table returns the rows, in the order of package control's.
func Table() []Operation {
	table := make([]Operation, len(operations))
	for i := range operations {
		table[i] = joined(&operations[i])
	}
	return table
}

// Verbs returns the rows that have a verb.
func Verbs() []Operation {
	var table []Operation
	for i := range operations {
		if operations[i].Verb != nil {
			table = append(table, joined(&operations[i]))
		}
	}
	return table
}

// Lookup returns the row of an operation.
func Lookup(name string) (Operation, bool) {
	for i := range operations {
		if operations[i].Name == name {
			return joined(&operations[i]), true
		}
	}
	return Operation{}, false
}

func joined(o *Operation) Operation {
	row := *o
	row.Method, _ = control.Lookup(o.Name) // a test holds that there is one
	return row
}

// Takes reports whether the operation has an argument of that name.
func (o Operation) Takes(arg string) bool {
	for _, p := range o.Method.Args {
		if p.Name == arg {
			return true
		}
	}
	return false
}

// AsksState reports whether Supervisor refuses the method while it stops although the
// operation is answered then.
func (r RPC) AsksState(o Operation) bool { return o.Method.InShutdown && !r.AnyTime }

// Signature is the XML-RPC type of the result, and behind it those of the parameters.
func (r RPC) Signature(o Operation) []string {
	sig := []string{r.Type}
	switch {
	case r.Type != "":
	case r.Member != "":
		for _, m := range o.Of.Members() {
			if m.Name == r.Member {
				sig[0] = m.Kind().String()
			}
		}
	default:
		sig[0] = o.Result.String()
	}
	if r.Own && r.Params != nil {
		return append(sig, r.Params...)
	}
	for _, p := range o.Method.Args {
		sig = append(sig, p.Kind.String())
	}
	return sig
}

// XMLRPC returns the name of the XML-RPC method that is an operation, "" if none is.
func XMLRPC(operation string) string {
	for i := range operations {
		if o := &operations[i]; o.Name == operation && len(o.RPC) > 0 {
			return o.RPC[0].Name
		}
	}
	return ""
}
