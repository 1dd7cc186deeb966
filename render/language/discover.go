package language

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"slipway/render"
	"slipway/sources"
	"slipway/templates"
)

// builtinPrefix marks a Source that is one of the templates that ship.
const builtinPrefix = "builtin:"

// Discover collects the templates of the trees and joins the sections to
// them by destination. In several trees the later one wins, file by file;
// among sections of the same destination the caller has merged the keys.
//
// A section without a source takes its text from the tree. A relative source
// is looked for in the trees, last first. A tree that does not exist is
// empty. The error is [Problems] with everything that cannot be read.
func Discover(files render.Files, trees []string, sections []Template) (Set, error) {
	d := discovery{files: files, trees: trees, byDest: map[string]Template{}, partials: map[string]Template{}}
	for _, tree := range trees {
		d.walk(tree, "")
	}
	d.addSections(sections)
	set := Set{Templates: values(d.byDest), Partials: values(d.partials)}
	if len(d.problems) == 0 {
		return set, nil
	}
	return set, d.problems
}

func values(m map[string]Template) []Template {
	out := make([]Template, 0, len(m))
	for _, t := range m {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Dest < out[j].Dest })
	return out
}

type discovery struct {
	files    render.Files
	trees    []string
	byDest   map[string]Template
	partials map[string]Template
	problems render.Problems
}

func (d *discovery) fail(dest string, pos render.Pos, hint, format string, args ...any) {
	d.problems = append(d.problems, &render.Problem{Kind: render.KindSource, Dest: dest, Pos: pos, Hint: hint, Text: fmt.Sprintf(format, args...)})
}

// walk reads one folder of a tree. Kubernetes mounts volumes as links into a
// folder "..data": names that start with two dots are its machinery, and the
// links themselves are followed.
func (d *discovery) walk(tree, rel string) {
	dir := path.Join(tree, rel)
	names, err := d.files.ReadDir(dir)
	if err != nil {
		if rel != "" || !errors.Is(err, fs.ErrNotExist) {
			d.fail(dir, render.Pos{File: dir}, "", "cannot read the template folder: %v", reason(err))
		}
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, "..") {
			continue
		}
		sub := path.Join(rel, name)
		file := path.Join(tree, sub)
		mode, err := d.files.Mode(file)
		switch {
		case err != nil:
			d.fail("/"+sub, render.Pos{File: file}, "", "cannot read the template: %v", reason(err))
		case mode.IsDir():
			d.walk(tree, sub)
		case mode.IsRegular() && strings.HasSuffix(name, render.Suffix):
			d.addFile(file, strings.TrimSuffix(sub, render.Suffix), uint32(mode.Perm()))
		}
	}
}

func (d *discovery) addFile(file, rel string, perm uint32) {
	partial := strings.HasPrefix(path.Base(rel), "_")
	t := Template{Dest: "/" + rel, Name: file, Mode: render.Keep, SourcePerm: perm}
	if partial {
		t.Dest = rel
	}
	text, err := d.files.ReadFile(file)
	if err != nil {
		d.fail(t.Dest, render.Pos{File: file}, "", "cannot read the template: %v", reason(err))
		return
	}
	t.Text = string(text)
	if partial {
		d.partials[rel] = t
	} else {
		d.byDest[t.Dest] = t
	}
}

func (d *discovery) addSections(sections []Template) {
	for _, s := range sections {
		tree, known := d.byDest[path.Clean(s.Dest)]
		if !path.IsAbs(s.Dest) {
			d.problems = append(d.problems, &render.Problem{
				Kind: render.KindSettings, Dest: s.Dest, Pos: s.Pos,
				Text: fmt.Sprintf("the destination %q is not an absolute path", s.Dest), Hint: "a section's name is the file that it makes: [template:/etc/app.conf]",
			})
			continue
		}
		s.Dest = path.Clean(s.Dest)
		switch {
		case s.Text != "": // given by the caller
		case s.Source == "":
			if !known {
				d.fail(s.Dest, s.Pos, fmt.Sprintf("add that file, or say source = PATH or source = builtin:NAME in [template:%s]", s.Dest),
					"no template %s in %s", strings.TrimPrefix(s.Dest, "/")+render.Suffix, list(d.trees))
				continue
			}
			s.Name, s.Text, s.SourcePerm = tree.Name, tree.Text, tree.SourcePerm
		default:
			if !d.load(&s) {
				continue
			}
		}
		d.byDest[s.Dest] = s
	}
}

func (d *discovery) load(s *Template) bool {
	if name, ok := strings.CutPrefix(s.Source, builtinPrefix); ok {
		b, found := templates.Get(name)
		if !found {
			d.fail(s.Dest, s.Pos, "slipway templates lists them"+didYouMean(name, templates.Names()), "there is no template %s", s.Source)
			return false
		}
		s.Name, s.Text = s.Source, b.Text
		if s.Write == "" {
			s.Write = b.Write
		}
		return true
	}
	candidates := []string{s.Source}
	if !path.IsAbs(s.Source) {
		candidates = nil
		for i := len(d.trees) - 1; i >= 0; i-- {
			candidates = append(candidates, path.Join(d.trees[i], s.Source))
		}
		own := path.Dir(s.Pos.File)
		if s.Folder != "" && s.Folder != own && own != "." {
			candidates = append(candidates, path.Join(s.Folder, s.Source))
		}
		if s.Pos.File != "" {
			candidates = append(candidates, path.Join(path.Dir(s.Pos.File), s.Source))
		}
	}
	var first error
	for _, file := range candidates {
		text, err := d.files.ReadFile(file)
		if err == nil {
			s.Name, s.Text = file, string(text)
			if mode, err := d.files.Mode(file); err == nil {
				s.SourcePerm = uint32(mode.Perm())
			}
			return true
		}
		if first == nil || errors.Is(first, fs.ErrNotExist) {
			first = err
		}
	}
	d.fail(s.Dest, s.Pos, "", "cannot read the template %s: %v", list(candidates), reason(first))
	return false
}

// reason strips the operation and the path from an error of the file system,
// which the message already names.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func list(names []string) string {
	switch len(names) {
	case 0:
		return "any template folder (there is none)"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func didYouMean(name string, names []string) string {
	if n := sources.Nearest(name, names); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}
