// Package place is a leaf: the place in a file that messages of all parts name. The
// supervisor, the templates and the launch stage each have places, and hand them to each
// other.
package place

import "strconv"

// Pos is a place in a file. Line and Col count from 1, Col in bytes; 0 means that it is not
// known. The zero Pos means "built in".
type Pos struct {
	File string `json:"file"`           // as it was named
	Line int    `json:"line,omitempty"` // counted from 1
	Col  int    `json:"col,omitempty"`  // counted from 1, in bytes
}

// String gives the place as file:line:column, as much of it as is known.
func (p Pos) String() string {
	switch {
	case p.File == "":
		return "built-in configuration"
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}
