package porting

import (
	"fmt"
	"path"
	"strings"

	"slipway/render"
)

// File is a file that a ported folder becomes.
type File struct {
	Path string // below the output folder
	Text string
	From string // the file, or the folder of files, that it was
}

// DirOptions say what a folder does not say itself.
type DirOptions struct {
	Options
	// Dest is the folder that the files of a folder of templates go to.
	Dest string
	// Dests are the destinations of single files, by their path below the folder.
	Dests map[string]string
}

// Dir converts a folder of another tool: confd's with conf.d/*.toml and
// templates/, or any folder of templates. It returns the files to write (a template
// folder "templates" that mirrors /, and below "conf.d" the sections), and
// what a person has to look at.
func Dir(files render.Files, tool Tool, dir string, o DirOptions) (out []File, notes []Note, err error) {
	switch tool {
	case Confd:
		out, notes, err = portConfd(files, dir)
	case Dockerize, Gomplate, Consul:
		out, notes, err = portFolder(files, tool, dir, o)
	case Envsubst:
		out, notes, err = portEnvsubst(files, dir, o)
	default:
		return nil, nil, fmt.Errorf("cannot port from %q: it is none of %v", string(tool), Tools())
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cannot port %s: %w", dir, err)
	}
	return out, notes, nil
}

// eachFile calls f for the files below a folder, with their paths below it.
func eachFile(files render.Files, dir string, f func(sub, file string, text []byte)) error {
	var walk func(rel string) error
	walk = func(rel string) error {
		names, err := files.ReadDir(path.Join(dir, rel))
		if err != nil {
			return err
		}
		for _, n := range names {
			sub := path.Join(rel, n)
			file := path.Join(dir, sub)
			mode, err := files.Mode(file)
			if err != nil {
				return err
			}
			if mode.IsDir() {
				if err := walk(sub); err != nil {
					return err
				}
				continue
			}
			text, err := files.ReadFile(file)
			if err != nil {
				return err
			}
			f(sub, file, text)
		}
		return nil
	}
	return walk("")
}

// flags are where the tools say where a file goes.
var flags = map[Tool]string{Dockerize: "-template SRC:DST", Gomplate: "--file SRC --out DST", Consul: "-template SRC:DST"}

// suffixes are what names of templates end in.
var suffixes = []string{".tmpl", ".tpl", ".ctmpl", ".gotmpl", ".t"}

func withoutSuffix(name string) string {
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(name, s); ok && rest != "" && !strings.HasSuffix(rest, "/") {
			return rest
		}
	}
	return name
}

// portFolder converts a folder of templates. Where a file goes stands in the tool's command
// line or configuration.
func portFolder(files render.Files, tool Tool, dir string, o DirOptions) (out []File, notes []Note, err error) {
	unknown := false
	err = eachFile(files, dir, func(sub, file string, text []byte) {
		p := Text(tool, file, string(text), o.Options)
		notes = append(notes, p.Notes...)
		name := absolute(withoutSuffix(sub))
		if dest, ok := o.Dests[sub]; ok {
			name = absolute(dest)
		} else if o.Dest != "" {
			name = absolute(o.Dest + "/" + sub) // dockerize keeps the names of a folder
		} else {
			unknown = true
		}
		out = append(out, File{Path: "templates" + inTree(name), Text: p.Text, From: file})
	})
	if unknown {
		notes = append(notes, Note{
			Pos: render.Pos{File: dir}, Call: flags[tool],
			Text: "a template's path in the template folder is its destination: give --template SRC:DST, or move each to templates/DST.tmpl",
		})
	}
	return withSections(string(tool), dir, out, o.Options), notes, err
}

func absolute(dest string) string { return path.Clean("/" + dest) }

// withSections adds the sections that templates need which are not as the tree takes them:
// with other delimiters, or with an underscore in front.
func withSections(name, dir string, out []File, o Options) []File {
	var conf strings.Builder
	for _, f := range out {
		dest := strings.TrimPrefix(f.Path, "templates")
		dest = strings.TrimSuffix(dest, path.Ext(dest))
		keys := fromPartial(dest)
		if o.Left != "" {
			keys += fmt.Sprintf("left = %s\nright = %s\n", o.Left, o.Right)
		}
		if keys != "" {
			fmt.Fprintf(&conf, "[template:%s]\n%s\n", dest, keys)
		}
	}
	if conf.Len() == 0 {
		return out
	}
	return append([]File{{Path: "conf.d/" + name + ".conf", Text: conf.String(), From: dir}}, out...)
}
