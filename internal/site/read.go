package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// page is a Markdown file and what is made of it.
type page struct {
	from  string // its path in the repository
	to    string // its path in the site
	title string
	body  string // HTML
	parts []part
}

// part is what the search finds: a heading with the text below it.
type part struct {
	Page, Title, Heading, Anchor, Text string
}

// site is all pages, and what they link to.
type site struct {
	root  string
	pages map[string]*page // by their path in the repository
	files map[string]bool  // other files that pages link to
	lists map[string]bool  // folders without a README that pages link to
	nav   []section
}

// section is a heading of docs/README.md with its links.
type section struct {
	Title string
	Links []navLink
}

type navLink struct {
	Text, To string
	Here     bool // it leads to the page that it is on
}

// places are where pages are, as patterns.
var places = []string{"README.md", "CHANGELOG.md", "HACKING.md", "SECURITY.md", "docs/*.md", "docs/*/*.md", "examples/*/README.md"}

func read(root string) (*site, error) {
	s := &site{root: root, pages: map[string]*page{}, files: map[string]bool{}, lists: map[string]bool{}}
	for _, pattern := range places {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				return nil, err
			}
			s.pages[rel] = &page{from: rel, to: target(rel)}
		}
	}
	if s.pages["README.md"] == nil || s.pages["docs/README.md"] == nil {
		return nil, fmt.Errorf("%s is not the repository: there is no README.md and docs/README.md", root)
	}
	for _, name := range s.names() {
		if err := s.convert(s.pages[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

// names are the pages in a fixed order.
func (s *site) names() []string {
	var names []string
	for n := range s.pages {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// target is where a page of the repository is in the site.
func target(from string) string {
	dir, file := path.Split(from)
	if file == "README.md" {
		return dir + "index.html"
	}
	return strings.TrimSuffix(from, ".md") + ".html"
}

func (s *site) convert(p *page) error {
	source, err := os.ReadFile(filepath.Join(s.root, p.from))
	if err != nil {
		return err
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	doc := md.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&ids{}))))
	err = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var err error
		switch n := n.(type) {
		case *ast.Link:
			n.Destination, err = s.link(p, n.Destination)
		case *ast.Image:
			n.Destination, err = s.link(p, n.Destination)
		}
		return ast.WalkContinue, err
	})
	if err != nil {
		return err
	}
	s.parts(p, doc, source)
	var b strings.Builder
	if err := md.Renderer().Render(&b, source, doc); err != nil {
		return err
	}
	p.body = b.String()
	if p.from == "docs/README.md" {
		s.nav = sections(doc, source)
	}
	return nil
}

// link is where a link of a page leads in the site.
func (s *site) link(p *page, to []byte) ([]byte, error) {
	u, err := url.Parse(string(to))
	if err != nil {
		return nil, err
	}
	if u.IsAbs() || u.Path == "" {
		return to, nil
	}
	place := path.Join(path.Dir(p.from), u.Path)
	info, err := fs.Stat(os.DirFS(s.root), place)
	if err != nil {
		return nil, fmt.Errorf("the link to %s leads nowhere: %w", to, err)
	}
	switch {
	case s.pages[place] != nil:
		place = s.pages[place].to
	case info.IsDir() && s.pages[path.Join(place, "README.md")] != nil:
		place = path.Join(place, "index.html")
	case info.IsDir():
		s.lists[place] = true
		place = path.Join(place, "index.html")
	default:
		s.files[place] = true
	}
	return []byte((&url.URL{Path: relative(p.to, place), Fragment: u.Fragment}).String()), nil
}

// relative is the way from one file of the site to another.
func relative(from, to string) string {
	rel, err := filepath.Rel(path.Dir(from), to)
	if err != nil {
		return to // both are relative: it does not happen
	}
	return rel
}

// parts cuts a page at its headings, for the search.
func (s *site) parts(p *page, doc ast.Node, source []byte) {
	now := part{Page: p.to}
	flush := func() {
		now.Title, now.Text = p.title, strings.Join(strings.Fields(now.Text), " ")
		if now.Heading != "" || now.Text != "" {
			p.parts = append(p.parts, now)
		}
	}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok {
			now.Text += " " + plain(n, source)
			continue
		}
		heading := plain(h, source)
		if p.title == "" {
			p.title, now.Heading = strings.TrimSpace(heading), strings.TrimSpace(heading)
			continue
		}
		flush()
		id, _ := h.AttributeString("id")
		name, _ := id.([]byte)
		now = part{Page: p.to, Heading: strings.TrimSpace(heading), Anchor: string(name)}
	}
	flush()
}

// plain is the text of a node.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function has no errors
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b.Write(line.Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// sections are the headings of docs/README.md with the links below them, which are rewritten
// already: they are relative to docs/.
func sections(doc ast.Node, source []byte) []section {
	var all []section
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			all = append(all, section{Title: strings.TrimSpace(plain(h, source))})
			continue
		}
		if len(all) == 0 {
			continue
		}
		now := &all[len(all)-1]
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function has no errors
			if l, ok := n.(*ast.Link); ok && entering {
				now.Links = append(now.Links, navLink{Text: plain(l, source), To: path.Join("docs", string(l.Destination))})
			}
			return ast.WalkContinue, nil
		})
	}
	return all
}

// ids names headings as code forges do: lower case, without what is no letter, digit, blank or
// hyphen, and with hyphens for blanks; the second one of a name gets a number.
type ids struct{ seen map[string]int }

func (i *ids) Generate(value []byte, _ ast.NodeKind) []byte {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsNumber(r), r == '_', r == '-':
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(string(value)))
	if i.seen == nil {
		i.seen = map[string]int{}
	}
	n := i.seen[name]
	i.seen[name]++
	if n > 0 {
		name = fmt.Sprintf("%s-%d", name, n)
	}
	return []byte(name)
}

func (i *ids) Put([]byte) {}
