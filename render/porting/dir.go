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

// Dir converts a folder of another tool: confd's with conf.d/*.toml and
// templates/, or any folder of dockerize's templates. It returns the files to write (a template
// folder "templates" that mirrors /, and for confd "conf.d/confd.conf" with the sections), and
// what a person has to look at.
func Dir(files render.Files, tool Tool, dir string) ([]File, []Note, error) {
	switch tool {
	case Confd:
		return portConfd(files, dir)
	case Dockerize:
		return portDockerize(files, dir)
	}
	return nil, nil, fmt.Errorf("cannot port from %q: expected confd or dockerize", string(tool))
}

func portDockerize(files render.Files, dir string) (out []File, notes []Note, err error) {
	var walk func(rel string) error
	walk = func(rel string) error {
		names, err := files.ReadDir(path.Join(dir, rel))
		if err != nil {
			return err
		}
		for _, n := range names {
			sub := path.Join(rel, n)
			mode, err := files.Mode(path.Join(dir, sub))
			if err != nil {
				return err
			}
			if mode.IsDir() {
				if err := walk(sub); err != nil {
					return err
				}
				continue
			}
			text, err := files.ReadFile(path.Join(dir, sub))
			if err != nil {
				return err
			}
			p := Text(Dockerize, path.Join(dir, sub), string(text), Options{})
			notes = append(notes, p.Notes...)
			name := strings.TrimSuffix(strings.TrimSuffix(sub, ".tmpl"), ".tpl") + render.Suffix
			out = append(out, File{Path: path.Join("templates", name), Text: p.Text, From: path.Join(dir, sub)})
		}
		return nil
	}
	if err := walk(""); err != nil {
		return nil, nil, fmt.Errorf("cannot port %s: %w", dir, err)
	}
	notes = append(notes, Note{
		Pos: render.Pos{File: dir}, Call: "-template SRC:DST",
		Text: "a template's path in the template folder is its destination: move each to templates/DST.tmpl, or write [template:DST] with source",
	})
	return out, notes, nil
}
