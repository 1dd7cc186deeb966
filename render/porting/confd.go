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

// scripts is where the folder that is written will lie, for what names a file in it.
const scripts = "/etc/slipway/checks/"

// confdFolder is a folder of confd being converted.
type confdFolder struct {
	files  render.Files
	dir    string
	prefix string // of confd itself; it replaces those of the resources
	out    []File
	notes  []Note
	conf   strings.Builder
	made   map[string]string // the resources by destination
	order  []*resource
}

func portConfd(files render.Files, dir string) ([]File, []Note, error) {
	f := confdFolder{files: files, dir: dir, made: map[string]string{}}
	f.settings(path.Join(dir, "confd.toml"))
	if err := f.walk("conf.d"); err != nil {
		return nil, nil, err
	}
	f.dropTwice()
	for _, r := range f.order {
		if err := f.resource(r); err != nil {
			return nil, nil, err
		}
	}
	if f.conf.Len() > 0 {
		f.out = append([]File{{Path: "conf.d/confd.conf", Text: f.conf.String(), From: path.Join(dir, "conf.d")}}, f.out...)
	}
	return f.out, f.notes, nil
}

// wholeKey is a key below the prefix of a resource, from the root of the store.
func wholeKey(prefix, key string) string {
	return path.Clean("/" + prefix + "/" + key)
}

// settings reads confd's own file, and says where they go: they may also be in its command
// line or in variables.
func (f *confdFolder) settings(file string) {
	text, err := f.files.ReadFile(file)
	if err != nil {
		return
	}
	values, bad := readTOML(file, string(text), "")
	for _, n := range bad {
		if n.Call == "TOML" {
			f.notes = append(f.notes, n)
		}
	}
	for _, k := range []struct{ key, text string }{
		{"backend", "slipway reads keys from etcd, and variables and files from the environment"},
		{"nodes", "is endpoints in [etcd]"},
		{"prefix", "stands in front of all keys, instead of the prefixes of the resources"},
	} {
		if v, ok := values[k.key]; ok {
			f.notes = append(f.notes, Note{Pos: render.Pos{File: file, Line: v.line}, Call: k.key + " = " + v.text, Text: k.text})
		}
	}
	f.prefix = values["prefix"].text
}

// walk reads the resources: all files whose names end in toml, in folders as well.
func (f *confdFolder) walk(rel string) error {
	names, err := f.files.ReadDir(path.Join(f.dir, rel))
	if err != nil {
		return err
	}
	for _, n := range names {
		sub := path.Join(rel, n)
		file := path.Join(f.dir, sub)
		mode, err := f.files.Mode(file)
		if err != nil {
			return err
		}
		if mode.IsDir() {
			if err := f.walk(sub); err != nil {
				return err
			}
			continue
		}
		if !strings.HasSuffix(n, "toml") {
			continue
		}
		text, err := f.files.ReadFile(file)
		if err != nil {
			return err
		}
		values, bad := readTOML(file, string(text), "template")
		f.notes = append(f.notes, bad...)
		f.order = append(f.order, &resource{file: file, values: values})
	}
	return nil
}

// dropTwice leaves the last one of resources with the same destination: confd writes them
// all, one after the other.
func (f *confdFolder) dropTwice() {
	var out []*resource
	last := map[string]*resource{}
	for _, r := range f.order {
		last[path.Clean(r.get("dest"))] = r
	}
	for _, r := range f.order {
		if by := last[path.Clean(r.get("dest"))]; r.get("dest") != "" && by != r {
			f.notes = append(f.notes, r.note("dest", "is what "+by.file+" writes as well: confd writes both, and what it writes last stays, so only that is converted"))
			continue
		}
		out = append(out, r)
	}
	f.order = out
}

// resource converts one resource.
func (f *confdFolder) resource(r *resource) error {
	dest := r.get("dest")
	if r.get("src") == "" || !path.IsAbs(dest) {
		f.notes = append(f.notes, Note{Pos: render.Pos{File: r.file}, Call: "[template]", Text: "has no src, or no dest that is an absolute path"})
		return nil
	}
	dest = path.Clean(dest)
	src := path.Join(f.dir, "templates", r.get("src"))
	text, err := f.files.ReadFile(src)
	if errors.Is(err, fs.ErrNotExist) {
		f.notes = append(f.notes, r.note("src", "the template "+src+" does not exist"))
		return nil
	}
	if err != nil {
		return err
	}
	prefix := f.prefix
	if prefix == "" {
		prefix = r.get("prefix")
	}
	// At the place of its destination, or the tree would make a file of the place
	// where it is; and for each resource, because its keys hold the prefix.
	p := Text(Confd, src, string(text), Options{Prefix: prefix})
	fmt.Fprintf(&f.conf, "[template:%s]\n", dest)
	f.conf.WriteString(fromPartial(dest))
	f.section(r, dest)
	f.notes = append(f.notes, p.Notes...)
	f.out = append(f.out, File{Path: "templates" + inTree(dest), Text: p.Text, From: src})
	return nil
}

// inTree is where the template of a destination lies in the tree. One whose name begins
// with an underscore would be there to be included only: it gets another suffix, and is
// named by its section.
func inTree(dest string) string {
	if strings.HasPrefix(path.Base(dest), "_") {
		return dest + ".template"
	}
	return dest + render.Suffix
}

func fromPartial(dest string) string {
	if !strings.HasPrefix(path.Base(dest), "_") {
		return ""
	}
	return fmt.Sprintf("source = %s\n", strings.TrimPrefix(inTree(dest), "/"))
}

// resource is a template resource of confd: the table [template].
type resource struct {
	file   string
	values map[string]setting
}

func (r *resource) get(key string) string { return r.values[key].text }

func (r *resource) note(key, text string) Note {
	value := strings.Join(strings.Fields(r.get(key)), " ")
	return Note{Pos: render.Pos{File: r.file, Line: r.values[key].line}, Call: key + " = " + value, Text: text}
}

func (f *confdFolder) section(r *resource, dest string) {
	b := &f.conf
	owner, group := r.get("owner"), r.get("group")
	if owner == "" && r.get("uid") != "-1" {
		owner = r.get("uid")
	}
	if group == "" && r.get("gid") != "-1" {
		group = r.get("gid")
	}
	if group != "" {
		owner += ":" + group
	}
	if owner != "" {
		fmt.Fprintf(b, "owner = %s\n", owner)
	}
	if m := r.get("mode"); m != "" {
		f.mode(r, m)
	}
	f.check(r, dest)
	if c := r.get("reload_cmd"); c != "" {
		fmt.Fprintf(b, "; notify = NAME of the program that confd reloaded by: %s\n", strings.Join(strings.Fields(c), " "))
		f.notes = append(f.notes, r.note("reload_cmd", "name the program in notify, and say in its section how it reloads: reload = signal HUP | command … | restart"))
	}
	b.WriteByte('\n')
}

// mode: confd reads it as Go does, so that 644 is a decimal number.
func (f *confdFolder) mode(r *resource, text string) {
	n, err := strconv.ParseUint(text, 0, 32)
	if err != nil || n > 0o7777 {
		f.notes = append(f.notes, r.note("mode", "is no mode, and confd refuses it"))
		return
	}
	if text[0] != '0' {
		f.notes = append(f.notes, r.note("mode", fmt.Sprintf("is a decimal number for confd, which makes it %04o: write 0%s if that was meant", n, text)))
	}
	fmt.Fprintf(&f.conf, "mode = %04o\n", n)
}

// check converts the command that checks the staged file.
func (f *confdFolder) check(r *resource, dest string) {
	cmd := r.get("check_cmd")
	if cmd == "" {
		return
	}
	src := []string{"{{.src}}", "{{ .src }}", "{{.src }}", "{{ .src}}"}
	line, ok := shellLine(cmd, "{file}", src...)
	if !ok {
		name := strings.ReplaceAll(strings.Trim(dest, "/"), "/", "-") + ".sh"
		f.out = append(f.out, File{Path: "checks/" + name, Text: shellScript(cmd, src...), From: r.file})
		line = "sh " + scripts + name + " {file}"
		f.notes = append(f.notes, r.note("check_cmd", "cannot stand in one line here: it is a script, "+scripts+name))
	}
	fmt.Fprintf(&f.conf, "check = %s\n", line)
	switch {
	case strings.Contains(strings.ReplaceAll(line, "{file}", ""), "{{"):
		f.notes = append(f.notes, r.note("check_cmd", "is a template for confd: only {{.src}} is converted"))
	case !strings.Contains(line, "{file}"):
		f.notes = append(f.notes, r.note("check_cmd", "does not look at the staged file: put {file} in, or make it a [check:NAME] with {staged:/path}"))
	}
}
