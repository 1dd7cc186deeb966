package launch

import (
	"strings"

	"slipway/supervise/dialect"
)

// NoProgramsError is an image that has nothing to run: no layer has brought a program, or
// its file lies where nobody looks.
type NoProgramsError struct {
	Files []string // that were read
	Looks []string // the patterns that were looked for
	Out   []string // programs that are left out, each with the reason
}

func (e *NoProgramsError) Error() string {
	if len(e.Out) > 0 {
		return "cannot find a program to run: all that there are are left out: " + strings.Join(e.Out, ", ")
	}
	text := "cannot find a program to run: no file has a section [program:NAME]"
	if len(e.Looks) > 0 {
		text += "; looked for " + strings.Join(e.Looks, " and ")
	}
	if len(e.Files) > 0 {
		return text + "; read " + strings.Join(e.Files, ", ")
	}
	return text + "; none of these is there"
}

// Hint says what to do.
func (e *NoProgramsError) Hint() string {
	if len(e.Out) > 0 {
		return "slipway layers shows what leaves them out; a command alone needs no program: slipway run -- COMMAND"
	}
	return "add one, for instance /etc/slipway/conf.d/app.conf with [program:app] and command = …, or give a command: slipway run -- COMMAND"
}

// CheckPrograms is a *NoProgramsError for an image without programs. An HTTP server alone does
// not keep a container up: the supervisor ends when nothing is left to run.
func (im *Image) CheckPrograms() error {
	if len(im.Config.Groups) > 0 {
		return nil
	}
	e := &NoProgramsError{}
	for _, l := range im.Config.LeftOut {
		e.Out = append(e.Out, l.Name+" ("+l.Why+")")
	}
	for _, f := range im.Document.Files {
		if f != "" { // the built-in main file
			e.Files = append(e.Files, f)
		}
	}
	if s := im.Document.Section("include"); s != nil {
		if k := im.Document.Lookup(s, "files"); k != nil {
			for _, word := range strings.FieldsFunc(im.Document.Text(k), dialect.IsSpace) {
				e.Looks = append(e.Looks, dialect.Join(im.Document.Here, word))
			}
		}
	}
	return e
}
