package porting

import (
	"strconv"
	"strings"

	"slipway/render"
)

// Reference is a place where a template of envsubst names a variable.
type Reference struct {
	Start, End int
	Name       string
	Op, Word   string // of ${NAME:-word}, if the shell's forms are read; "" for $NAME and ${NAME}
	// Bad says why a form of the shell cannot be read, or is "".
	Bad string
	// Left says that it stays as it is: it is no form of envsubst's own, and the shell's are not read.
	Left bool
}

// References finds the variables that a text names. variables limits them; nothing means
// all names without a lower-case letter, so that nginx's own $host stays, and "*" all.
// shell reads ${NAME:-word} and the like as well, as a shell does.
func References(text string, variables []string, shell bool) []Reference {
	var out []Reference
	for i := 0; i < len(text); {
		at := strings.IndexByte(text[i:], '$')
		if at < 0 {
			return out
		}
		at += i
		r, ok := reference(text, at)
		if !ok {
			i = at + 1
			continue
		}
		i = r.End
		if !wanted(r.Name, variables) {
			continue
		}
		r.Left = r.Op != "" && !shell
		out = append(out, r)
	}
	return out
}

// reference reads $NAME, ${NAME} or ${NAME…} at a dollar.
func reference(text string, at int) (Reference, bool) {
	braced := strings.HasPrefix(text[at+1:], "{")
	from := at + 1
	if braced {
		from++
	}
	to := from
	for to < len(text) && nameByte(text[to], to > from) {
		to++
	}
	r := Reference{Start: at, End: to, Name: text[from:to]}
	switch {
	case r.Name == "":
		return r, false
	case !braced:
		return r, true
	case strings.HasPrefix(text[to:], "}"):
		r.End++
		return r, true
	}
	for _, op := range []string{":-", ":=", ":+", ":?", "-", "=", "+", "?"} {
		rest, ok := strings.CutPrefix(text[to:], op)
		if !ok {
			continue
		}
		end := strings.IndexAny(rest, "}\n")
		if end < 0 || rest[end] != '}' {
			return r, false
		}
		r.Op, r.Word, r.End = op, rest[:end], to+len(op)+end+1
		switch {
		case strings.HasSuffix(op, "="):
			r.Bad = op + " sets the variable for what comes after it, which a template does not: write :- or -"
		case strings.ContainsAny(r.Word, "$`\\\"'{"):
			r.Bad = "what stands after " + op + " is more than a plain text"
		}
		return r, true
	}
	return r, false
}

func nameByte(b byte, later bool) bool {
	return b == '_' || 'a' <= b|0x20 && b|0x20 <= 'z' || later && '0' <= b && b <= '9'
}

func wanted(name string, variables []string) bool {
	if len(variables) == 0 {
		return name == strings.ToUpper(name)
	}
	for _, v := range variables {
		if v == "*" || strings.Trim(v, "${}") == name {
			return true
		}
	}
	return false
}

// Action is a reference in our language.
func (r Reference) Action() string {
	name, word := strconv.Quote(r.Name), strconv.Quote(r.Word)
	switch r.Op {
	case ":-":
		return "{{ env " + name + ` "" | default ` + word + " }}"
	case "-":
		return "{{ env " + name + " " + word + " }}"
	case ":+":
		return "{{ if env " + name + ` "" }}{{ ` + word + " }}{{ end }}"
	case "+":
		return "{{ if hasEnv " + name + " }}{{ " + word + " }}{{ end }}"
	case ":?":
		if r.Word == "" {
			word = strconv.Quote(r.Name + " is not set")
		}
		return "{{ required " + word + " .Env." + r.Name + " }}"
	}
	return "{{ .Env." + r.Name + " }}"
}

// envsubstText converts a template of envsubst.
func envsubstText(name, text string, o Options) Ported {
	var out strings.Builder
	p := porter{name: name, text: text}
	at := 0
	for _, r := range References(text, o.Variables, o.Shell) {
		switch {
		case r.Left:
			p.note(r.Start, text[r.Start:r.End], "stays as it is, as with envsubst: --shell reads it as a shell does")
		case r.Bad != "":
			p.note(r.Start, text[r.Start:r.End], r.Bad+": it is left")
		default:
			out.WriteString(literalText(text[at:r.Start], true))
			out.WriteString(r.Action())
			at = r.End
		}
	}
	out.WriteString(literalText(text[at:], false))
	return Ported{Text: out.String(), Notes: p.notes}
}

// literalText keeps what would begin an action, also together with one that follows.
func literalText(s string, followed bool) string {
	s = strings.ReplaceAll(s, "{{", `{{ "{{" }}`)
	if rest, brace := strings.CutSuffix(s, "{"); brace && followed {
		return rest + `{{ "{" }}`
	}
	return s
}

// portEnvsubst converts the folder of templates that nginx's image reads: NAME.template
// becomes NAME below the destination. Folders below it stay folders.
func portEnvsubst(files render.Files, dir string, o DirOptions) ([]File, []Note, error) {
	dest := o.Dest
	if dest == "" {
		dest = "/etc/nginx/conf.d"
	}
	var out []File
	var notes []Note
	err := eachFile(files, dir, func(sub, file string, text []byte) {
		name, ok := strings.CutSuffix(sub, ".template")
		if !ok {
			notes = append(notes, Note{Pos: render.Pos{File: file}, Call: sub, Text: "is no *.template, and was not converted"})
			return
		}
		p := Text(Envsubst, file, string(text), o.Options)
		notes = append(notes, p.Notes...)
		out = append(out, File{Path: "templates" + inTree(absolute(dest+"/"+name)), Text: p.Text, From: file})
	})
	return withSections("envsubst", dir, out, Options{}), notes, err
}
