// Package environ is the source "environment": what the container was started
// with.
//
// The process environment is captured once, at the start, and never read again:
// a re-render an hour later must see what the first one saw, and what the exec
// session of a curious operator has in its environment must not matter.
package environ

import (
	"fmt"
	"strings"

	"slipway/sources"
)

// Source is the name of this source.
const Source = "environment"

// Capture makes a layer of the entries of os.Environ. Where a name occurs twice
// the first one holds, as for getenv(3). Entries that are no variables are left
// out; each is noted by its number, counted from 1, and never by its text, which
// may be half a password.
func Capture(environ []string) (sources.Layer, []sources.Note) {
	layer := sources.Layer{Source: Source, Vars: make([]sources.Var, 0, len(environ))}
	origin := sources.Origin{Source: Source}
	seen := make(map[string]bool, len(environ))
	var notes []sources.Note
	note := func(name, text, hint string) {
		notes = append(notes, sources.Note{Origin: origin, Name: name, Text: text, Hint: hint})
	}
	for i, e := range environ {
		name, text, ok := strings.Cut(e, "=")
		switch {
		case !ok:
			note("", fmt.Sprintf("entry %d has no = and is ignored", i+1), "")
		case name == "":
			note("", fmt.Sprintf("entry %d has no name and is ignored", i+1), "")
		case strings.IndexByte(e, 0) >= 0:
			note("", fmt.Sprintf("entry %d contains a NUL byte and is ignored", i+1), "")
		case seen[name]:
			note(name, fmt.Sprintf("entry %d sets the name again and is ignored", i+1), "the first one holds, as for getenv(3)")
		default:
			seen[name] = true
			layer.Vars = append(layer.Vars, sources.Var{Name: name, Value: sources.Value{Text: text, Origin: origin}})
		}
	}
	return layer, notes
}
