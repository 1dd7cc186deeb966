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
}

func (e *NoProgramsError) Error() string {
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
	return "add one, for instance /etc/slipway/conf.d/app.conf with [program:app] and command = …, or give a command: slipway run -- COMMAND"
}

// CheckPrograms is a *NoProgramsError for an image without programs. A supervisor that
// has a server or is told of programs later has something to do.
func (im *Image) CheckPrograms() error {
	if len(im.Config.Groups) > 0 || len(im.Config.Servers) > 0 {
		return nil
	}
	e := &NoProgramsError{}
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
