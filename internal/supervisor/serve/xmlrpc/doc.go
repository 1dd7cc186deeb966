// Package xmlrpc reads and writes XML-RPC messages, in the form in which Python's
// xmlrpc.client writes them and Supervisor reads them.
//
// Values are int64, bool, string, float64, time.Time, []any, Struct, and nil for
// <nil/>, which nothing accepts but which is an argument error rather than
// a malformed document. base64 becomes a string of its bytes.
//
// Where the original produced documents that its own clients could not read, or
// none at all, this package does not: characters that XML 1.0 forbids become
// U+FFFD, a carriage return is written as a character reference, because parsers
// turn a plain one into a line feed, and integers beyond 32 bits are capped.
package xmlrpc

import "fmt"

// Struct is an ordered XML-RPC struct.
type Struct []Member

// Member is one member of a struct.
type Member struct {
	Name  string
	Value any
}

// Get returns the last member of that name, as Python's dict would.
func (s Struct) Get(name string) (any, bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i].Name == name {
			return s[i].Value, true
		}
	}
	return nil, false
}

// String returns a member that is a string, or "".
func (s Struct) String(name string) string {
	v, _ := s.Get(name)
	text, _ := v.(string)
	return text
}

// Int returns a member that is an integer, or 0.
func (s Struct) Int(name string) int64 {
	v, _ := s.Get(name)
	n, _ := v.(int64)
	return n
}

// Bool returns a member that is a boolean, or false.
func (s Struct) Bool(name string) bool {
	v, _ := s.Get(name)
	b, _ := v.(bool)
	return b
}

// Fault is the error that a server answered.
type Fault struct {
	Code int64
	Text string
}

// Error returns the fault as Python prints it.
func (f *Fault) Error() string { return fmt.Sprintf("<Fault %d: %s>", f.Code, Repr(f.Text)) }
