package porting

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"slipway/render"
)

// setting is a key of a TOML file with a value that is a text, a number or a truth value.
type setting struct {
	text string
	line int
}

// readTOML reads the settings of a table, "" for those before the first one. Keys are found
// in any case, as confd finds them; lists are left out. The notes say what was not read.
func readTOML(file, text, table string) (map[string]setting, []Note) {
	out := map[string]setting{}
	var notes []Note
	var p unstable.Parser
	p.Reset([]byte(text))
	at := func(n *unstable.Node) render.Pos {
		return render.Pos{File: file, Line: p.Shape(n.Raw).Start.Line}
	}
	in := ""
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			var name string
			name, _ = keyOf(n.Key(), at)
			if in = strings.ToLower(name); in != table {
				notes = append(notes, Note{Pos: posOf(n.Key(), at), Call: "[" + name + "]", Text: "is a table that confd does not read either"})
			}
		case unstable.KeyValue:
			name, pos := keyOf(n.Key(), at)
			key := strings.ToLower(name)
			if in != table {
				continue
			}
			value := n.Value()
			if _, twice := out[key]; twice {
				notes = append(notes, Note{Pos: pos, Call: name, Text: "stands here twice, which confd refuses: this one was taken"})
			}
			switch value.Kind {
			case unstable.Array, unstable.InlineTable:
				out[key] = setting{line: pos.Line}
			default:
				out[key] = setting{string(value.Data), pos.Line}
			}
		}
	}
	if err := p.Error(); err != nil {
		pos := render.Pos{File: file, Line: 1}
		if bad, ok := err.(*unstable.ParserError); ok {
			pos.Line = p.Shape(p.Range(bad.Highlight)).Start.Line
			err = fmt.Errorf("%s", bad.Message)
		}
		notes = append(notes, Note{Pos: pos, Call: "TOML", Text: "cannot be read from here on: " + err.Error()})
	}
	return out, notes
}

func keyOf(it unstable.Iterator, at func(*unstable.Node) render.Pos) (name string, pos render.Pos) {
	for it.Next() {
		if name != "" {
			name += "."
		} else {
			pos = at(it.Node())
		}
		name += string(it.Node().Data)
	}
	return name, pos
}

func posOf(it unstable.Iterator, at func(*unstable.Node) render.Pos) render.Pos {
	_, pos := keyOf(it, at)
	return pos
}
