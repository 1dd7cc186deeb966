package sources

import (
	"fmt"
	"strings"
)

// Var is one variable of one source.
type Var struct {
	Name  string
	Value Value
}

// Layer is what one source gave, in the source's own order. A name may occur
// more than once; the last one holds and the others become history.
type Layer struct {
	Source string
	Vars   []Var
	// Files are the secret files that were read, those included that can be no variable.
	Files []File
}

// File is a file that holds a secret.
type File struct {
	// Name is the variable of it, or the one that it would be.
	Name string
	// Bytes are its content; nil for one that is too large.
	Bytes  []byte
	Size   int64
	Origin Origin
	// Unfit says why it is no variable, "" if it is one.
	Unfit string
	// Absent is true of what only has the name of a file: a link that leads nowhere, a
	// folder, a FIFO. Unfit says which.
	Absent bool
}

// Format prints a file without its content, under every verb.
func (f File) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s (%d bytes)", f.Name, f.Size) }

// Note says of a file that is no variable why, and how templates read it.
func (f File) Note() Note {
	if f.Absent {
		return Note{Origin: f.Origin, Name: f.Name, Text: "no file, and so no variable: " + f.Unfit}
	}
	n := Note{Origin: f.Origin, Name: f.Name, Text: fmt.Sprintf("a file of %d bytes that is no variable: %s", f.Size, f.Unfit)}
	if f.Bytes != nil {
		n.Hint = f.Hint()
	}
	return n
}

// MarkNote says of a value that begins with a byte order mark that this is a part of it: a
// password that an editor has saved so is refused, and looks right wherever it is shown.
func (f File) MarkNote() (n Note, marked bool) {
	const mark = "\ufeff"
	return Note{
		Origin: f.Origin, Name: f.Name, Text: "it begins with a byte order mark, which is a part of the value",
		Hint: "save the file as UTF-8 without a byte order mark (BOM)",
	}, strings.HasPrefix(string(f.Bytes[:min(len(mark), len(f.Bytes))]), mark)
}

// Hint says how templates read a file.
func (f File) Hint() string { return fmt.Sprintf("templates read it by {{ secretFile %q }}", f.Name) }

// Note is something that an operator should know and that is not an error: a
// key that repeats, a value that a comment character cut short.
type Note struct {
	Origin Origin
	Name   string // the variable, "" when there is none
	Text   string
	Hint   string // what to do, or ""
}

// String is the note in one line, place first.
func (n Note) String() string {
	s := n.Origin.String() + ": "
	if n.Name != "" {
		s += n.Name + ": "
	}
	return s + n.Text
}

// Usable reports whether name can be the name of an environment variable:
// execve(2) takes anything but NUL, and the first = ends the name.
func Usable(name string) bool {
	return name != "" && strings.IndexByte(name, '=') < 0 && strings.IndexByte(name, 0) < 0
}

// Protected reports whether name decides which code runs or how slipway itself
// works, so that a source outside of the image and of the container's own
// environment may set it only when it is listed.
func Protected(name string) bool {
	return name == "PATH" || name == "HOME" || strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "SLIPWAY_")
}

// Protect returns the layer without its protected names, with a note for each
// that was dropped. allow lists names that may be set all the same, either
// whole or, with a * at the end, by their beginning.
//
// It is for layers that come from outside: secret files, etcd, source programs.
func Protect(l Layer, allow []string) (Layer, []Note) {
	var notes []Note
	kept := make([]Var, 0, len(l.Vars))
	for _, v := range l.Vars {
		if !Protected(v.Name) || listed(v.Name, allow) {
			kept = append(kept, v)
			continue
		}
		notes = append(notes, Note{
			Origin: v.Value.Origin,
			Name:   v.Name,
			Text:   "ignored: this name may not be set from " + l.Source,
			Hint:   "list it in allow_set of [slipway] if that is meant",
		})
	}
	return Layer{Source: l.Source, Vars: kept, Files: l.Files}, notes
}

func listed(name string, list []string) bool {
	for _, l := range list {
		if l == name {
			return true
		}
		if p, ok := strings.CutSuffix(l, "*"); ok && strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
