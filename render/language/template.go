package language

import (
	"cmp"
	"strings"

	"slipway/render"
)

// Template is one template and what is to become of its output: a file of
// the template trees, a [template:DEST] section, or both.
type Template struct {
	// Dest is the absolute path of the target. It is the template's identity.
	Dest string
	// Source is where the text comes from: "" (the tree), builtin:NAME, or a path.
	Source string
	// Folder is that of the configuration, where a relative Source is looked for after the
	// trees, and before the folder of the section's own file.
	Folder string
	// Name is what errors call the template: the path of its file.
	Name string
	Text string
	// Pos is the place of the section, empty for a file that has none.
	Pos render.Pos

	Owner  string // user[:group], names or numbers; "" keeps
	Mode   int    // permission bits; Keep keeps, and new files get 0644 (0600 with a secret in it)
	Check  string // a shell command; {file} is the staged file
	Notify []string

	// Write is WriteReplace, WriteBlock or WriteOnce; "" is WriteReplace.
	Write string
	// Comment starts (and, after a blank, ends) a comment line of the target's
	// language, for the marks of a block: "#", "//", "<!-- -->". "" is guessed from Dest.
	Comment string
	// Bottom puts a new block below the text of the file instead of above it.
	Bottom bool
	// SkipIf is a template; when it yields true, yes, on or 1 the target is not
	// wanted, and removed if we made it.
	SkipIf string
	// For is a template that yields a JSON list, or one item on each line: the
	// template is rendered for each, with .Item and .Index, and Dest is then a template too.
	For string
	// Parents makes missing parent directories, 0755.
	Parents bool

	// Left and Right are the delimiters of actions in Text; "" is {{ and }}. What it includes
	// has its own, and so have SkipIf, For and Dest.
	Left, Right string
	// Dialect is DialectEnvsubst or DialectShell for a text of these; Variables limits what it names.
	Dialect   string
	Variables []string

	// SourcePerm is the mode of the template's own file, 0 when unknown. An
	// executable template makes an executable target.
	SourcePerm uint32
}

// Set is all templates of an image, and what they can include.
type Set struct {
	Templates []Template // ordered by destination
	// Partials are the files of the trees whose names start with an underscore,
	// by their path in the tree without suffix: they are included, never rendered.
	Partials []Template
	Checks   []render.SetCheck
}

// delims are what encloses the actions of a text; "" is {{ and }}. A text of another dialect
// has no actions.
type delims struct{ left, right, dialect, variables string }

// both are the delimiters as they stand in a text.
func (d delims) both() (left, right string) { return cmp.Or(d.left, "{{"), cmp.Or(d.right, "}}") }

func (t *Template) delims() delims {
	if t.Dialect != "" && t.Dialect != DialectOurs {
		return delims{dialect: t.Dialect, variables: strings.Join(t.Variables, " ")}
	}
	d := delims{left: t.Left, right: t.Right}
	if d.left == "{{" {
		d.left = ""
	}
	if d.right == "}}" {
		d.right = ""
	}
	return d
}

// partial finds what include names.
func (s Set) partial(name string) (Template, bool) {
	name = strings.TrimPrefix(strings.TrimSuffix(name, render.Suffix), "/")
	for _, p := range s.Partials {
		if p.Dest == name {
			return p, true
		}
	}
	return Template{}, false
}
