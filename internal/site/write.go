package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed assets
var assets embed.FS

// view is what the template of a page sees.
type view struct {
	Title string
	Body  template.HTML
	Top   string // the way from the page to the folder of the site
	Nav   []section
}

func (s *site) write(out string) error {
	if err := clear(out); err != nil {
		return err
	}
	layout, err := template.ParseFS(assets, "assets/page.html")
	if err != nil {
		return err
	}
	for _, name := range []string{"style.css", "find.js"} {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		if err := put(out, name, text); err != nil {
			return err
		}
	}
	index := []part{}
	for _, name := range s.names() {
		p := s.pages[name]
		if err := s.put(layout, out, p.to, p.title, template.HTML(p.body)); err != nil {
			return err
		}
		index = append(index, p.parts...)
	}
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if err := put(out, "index.js", []byte("var INDEX = "+string(text)+";\n")); err != nil {
		return err
	}
	for file := range s.files {
		text, err := os.ReadFile(filepath.Join(s.root, file))
		if err != nil {
			return err
		}
		if err := put(out, file, text); err != nil {
			return err
		}
	}
	for folder := range s.lists {
		if err := s.list(layout, out, folder); err != nil {
			return err
		}
	}
	return nil
}

// clear removes a site that is to be made anew, and nothing else.
func clear(out string) error {
	left, err := os.ReadDir(out)
	if len(left) == 0 && (err == nil || os.IsNotExist(err)) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(out, "find.js")); err != nil {
		return fmt.Errorf("%s has files that are no site: name another folder, or remove it", out)
	}
	return os.RemoveAll(out)
}

// list writes the page of a folder that has none of its own.
func (s *site) list(layout *template.Template, out, folder string) error {
	var b strings.Builder
	b.WriteString("<h1>" + template.HTMLEscapeString(folder) + "</h1>\n<ul>\n")
	for _, name := range s.names() {
		if p := s.pages[name]; strings.HasPrefix(p.from, folder+"/") {
			b.WriteString(`<li><a href="` + template.HTMLEscapeString(relative(folder+"/index.html", p.to)) + `">` + template.HTMLEscapeString(p.title) + "</a></li>\n")
		}
	}
	b.WriteString("</ul>\n")
	return s.put(layout, out, folder+"/index.html", folder, template.HTML(b.String()))
}

// put writes a page.
func (s *site) put(layout *template.Template, out, to, title string, body template.HTML) error {
	v := view{Title: title, Body: body, Top: relative(to, "."), Nav: slices.Clone(s.nav)}
	for i, sec := range v.Nav {
		v.Nav[i].Links = slices.Clone(sec.Links)
		for j, l := range sec.Links {
			v.Nav[i].Links[j].To, v.Nav[i].Links[j].Here = relative(to, l.To), l.To == to
		}
	}
	var b strings.Builder
	if err := layout.Execute(&b, v); err != nil {
		return err
	}
	return put(out, to, []byte(b.String()))
}

func put(out, to string, text []byte) error {
	file := filepath.Join(out, filepath.FromSlash(path.Clean(to)))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
