package porting

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
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

func portConfd(files render.Files, dir string) (out []File, notes []Note, err error) {
	names, err := files.ReadDir(path.Join(dir, "conf.d"))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot port %s: %w", dir, err)
	}
	var conf strings.Builder
	notes = portBackend(files, path.Join(dir, "confd.toml"))
	for _, n := range names {
		if !strings.HasSuffix(n, ".toml") {
			continue
		}
		file := path.Join(dir, "conf.d", n)
		text, err := files.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot port %s: %w", file, err)
		}
		r, bad := readResource(file, string(text))
		notes = append(notes, bad...)
		if r.values["src"] == "" || !path.IsAbs(r.values["dest"]) {
			notes = append(notes, Note{Pos: render.Pos{File: file}, Call: "[template]", Text: "has no src, or no dest that is an absolute path"})
			continue
		}
		src := path.Join(dir, "templates", r.values["src"])
		tmpl, err := files.ReadFile(src)
		if errors.Is(err, fs.ErrNotExist) {
			notes = append(notes, Note{Pos: render.Pos{File: file, Line: r.lines["src"]}, Call: "src = " + r.values["src"], Text: "the template " + src + " does not exist"})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("cannot port %s: %w", src, err)
		}
		conf.WriteString(r.section(&notes))
		// At the place of its destination, or the tree would make a file of the place
		// where it is; and for each resource, because its keys hold the prefix.
		prefix := r.values["prefix"]
		p := Text(Confd, src, string(tmpl), Options{Prefix: prefix})
		notes = append(notes, p.Notes...)
		out = append(out, File{Path: path.Join("templates", r.values["dest"]+render.Suffix), Text: p.Text, From: src})
	}
	if conf.Len() > 0 {
		out = append([]File{{Path: "conf.d/confd.conf", Text: conf.String(), From: path.Join(dir, "conf.d")}}, out...)
	}
	return out, notes, nil
}

// wholeKey is a key below the prefix of a resource, from the root of the store.
func wholeKey(prefix, key string) string {
	return path.Clean("/" + prefix + "/" + key)
}

// portBackend says where the settings of confd itself go, which may be in a file, on
// its command line or in variables.
func portBackend(files render.Files, file string) []Note {
	text, err := files.ReadFile(file)
	if err != nil {
		return nil
	}
	var notes []Note
	r, _ := readResource(file, string(text))
	for _, k := range []struct{ key, text string }{
		{"backend", "slipway reads keys from etcd, and variables and files from the environment"},
		{"nodes", "is endpoints in [etcd]"},
		{"prefix", "is prefix in [etcd]"},
	} {
		if line := r.lines[k.key]; line > 0 {
			notes = append(notes, Note{Pos: render.Pos{File: file, Line: line}, Call: k.key + " = " + r.values[k.key], Text: k.text})
		}
	}
	return notes
}

// resource is a template resource of confd: flat TOML with one table.
type resource struct {
	file   string
	values map[string]string
	lines  map[string]int
}

func readResource(file, text string) (resource, []Note) {
	r := resource{file: file, values: map[string]string{}, lines: map[string]int{}}
	var notes []Note
	inList := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if inList {
			inList = !strings.Contains(line, "]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case line == "" || line[0] == '#' || line == "[template]":
			continue
		case !ok:
			notes = append(notes, Note{Pos: render.Pos{File: file, Line: i + 1}, Call: line, Text: "was not understood"})
			continue
		}
		inList = strings.HasPrefix(value, "[") && !strings.Contains(value, "]")
		if key == "keys" { // what confd watches; slipway sees what a template reads
			continue
		}
		r.lines[key] = i + 1
		r.values[key] = tomlScalar(value)
	}
	return r, notes
}

// tomlScalar reads a string or a bare value.
func tomlScalar(s string) string {
	for _, q := range []string{`"`, "'"} {
		if rest, ok := strings.CutPrefix(s, q); ok {
			if i := strings.LastIndex(rest, q); i >= 0 {
				s = rest[:i]
				if q == `"` {
					if u, err := strconv.Unquote(q + s + q); err == nil {
						s = u
					}
				}
				return s
			}
		}
	}
	s, _, _ = strings.Cut(s, "#")
	return strings.TrimSpace(s)
}

func (r resource) section(notes *[]Note) string {
	note := func(key, text string) {
		*notes = append(*notes, Note{Pos: render.Pos{File: r.file, Line: r.lines[key]}, Call: key + " = " + r.values[key], Text: text})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[template:%s]\n", r.values["dest"])
	owner, group := r.values["owner"], r.values["group"]
	if owner == "" {
		owner = r.values["uid"]
	}
	if group == "" {
		group = r.values["gid"]
	}
	if group != "" {
		owner += ":" + group
	}
	if owner != "" {
		fmt.Fprintf(&b, "owner = %s\n", owner)
	}
	if m := r.values["mode"]; m != "" {
		fmt.Fprintf(&b, "mode = %s\n", m)
	}
	if c := r.values["check_cmd"]; c != "" {
		c = strings.NewReplacer("{{.src}}", "{file}", "{{ .src }}", "{file}", "%", "%%").Replace(c)
		fmt.Fprintf(&b, "check = %s\n", c)
		if !strings.Contains(c, "{file}") {
			note("check_cmd", "does not look at the staged file: put {file} in, or make it a [check:NAME] with {staged:/path}")
		}
	}
	if c := r.values["reload_cmd"]; c != "" {
		fmt.Fprintf(&b, "; notify = NAME of the program that confd reloaded by: %s\n", strings.ReplaceAll(c, "\n", " "))
		note("reload_cmd", "name the program in notify, and say in its section how it reloads: reload = signal HUP | command … | restart")
	}
	b.WriteByte('\n')
	return b.String()
}
