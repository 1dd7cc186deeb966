package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// The site of this repository is whole: every link leads somewhere, nothing is loaded from
// elsewhere, and the search finds what people look for. It is the same when it is made again.
func TestSite(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	if err := run("../..", out); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"index.html", "docs/index.html", "docs/tutorial/first-container.html", "docs/reference/configuration.html", "examples/php/index.html"} {
		text, err := os.ReadFile(filepath.Join(out, page))
		if err != nil {
			t.Fatal(err)
		}
		if here := strings.Count(string(text), `aria-current="page"`); here > 1 || here == 0 && strings.HasPrefix(page, "docs/t") {
			t.Errorf("%s is marked %d times among all pages", page, here)
		}
		for _, want := range []string{"<h1", `id="query"`, "How-to", "how-to/health.html", ">Examples<"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q", page, want)
			}
		}
	}
	again := filepath.Join(t.TempDir(), "again")
	if err := run("../..", again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "index.js", "docs/index.html"} {
		a, errA := os.ReadFile(filepath.Join(out, name))
		b, errB := os.ReadFile(filepath.Join(again, name))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s is another one when it is made again (%v, %v)", name, errA, errB)
		}
	}
	if err := run("../..", again); err != nil {
		t.Errorf("a site is not made anew: %v", err)
	}
	if err := run("../..", t.TempDir()); err != nil {
		t.Errorf("an empty folder is not taken: %v", err)
	}
	mine := t.TempDir()
	if err := os.WriteFile(filepath.Join(mine, "letter"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("../..", mine); err == nil || !strings.Contains(err.Error(), "no site") {
		t.Errorf("a folder with other files: %v, want it refused", err)
	}
	finds(t, out)
}

// finds runs the script of the search.
func finds(t *testing.T, out string) {
	t.Helper()
	js := goja.New()
	for _, name := range []string{"index.js", "find.js"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.RunString(string(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ query, page string }{
		{"s6-overlay", "docs/from-s6-overlay.html"},
		{"jitter", "docs/how-to/schedule.html"},
		{"kvOr", "docs/reference/functions.html"},
		{"openshift random", "examples/openshift/index.html"},
		{"preStop", "docs/how-to/stop.html"},
		{"  ", ""},
		{"qzxwv", ""},
	} {
		if err := js.Set("query", tt.query); err != nil {
			t.Fatal(err)
		}
		v, err := js.RunString(`find(INDEX, query, 5).map(function (p) { excerpt(p, query); return p.Page; }).join(" ")`)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.String(); !strings.Contains(got, tt.page) || tt.page == "" && got != "" {
			t.Errorf("the search for %q finds %q, want %q among them", tt.query, got, tt.page)
		}
	}
}

// What is shown of a page that was found begins and ends with whole words.
func TestExcerpt(t *testing.T) {
	js := goja.New()
	text, err := os.ReadFile("assets/find.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.RunString(string(text)); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("some-words ", 8) + "needle" + strings.Repeat(" more-words", 20)
	for _, tt := range []struct{ text, want string }{
		{"a needle here", "a needle here"},
		{long, "… some-words some-words some-words needle" + strings.Repeat(" more-words", 7) + " …"},
	} {
		if err := js.Set("text", tt.text); err != nil {
			t.Fatal(err)
		}
		v, err := js.RunString(`excerpt({Text: text}, "needle")`)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.String(); got != tt.want {
			t.Errorf("excerpt = %q, want %q", got, tt.want)
		}
	}
}

// A page that leads nowhere, or loads something, is refused.
func TestCheck(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"good", `<h1 id="a">x</h1><a href="#a">x</a><a href="https://example.org/">x</a><a href="other.html#b">x</a>`, ""},
		{"no file", `<a href="none.html">x</a>`, "none.html leads nowhere"},
		{"no heading", `<a href="other.html#c">x</a>`, "other.html#c finds no such heading"},
		{"loads a script", `<script src="https://example.org/x.js"></script>`, "from elsewhere"},
		{"loads a picture", `<img src="//example.org/x.png">`, "from elsewhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"page.html": tt.page, "other.html": `<h2 id="b">x</h2>`} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err := check(dir)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("check = %v, want %q", err, tt.want)
			}
		})
	}
}

// Headings have the names that links on code forges have.
func TestHeadings(t *testing.T) {
	i := &ids{}
	for _, tt := range []struct{ heading, want string }{
		{"`slipway` exec, in short", "slipway-exec-in-short"}, {"Über [slipway]", "über-slipway"}, {"Two", "two"}, {"Two", "two-1"},
	} {
		if got := string(i.Generate([]byte(tt.heading), 0)); got != tt.want {
			t.Errorf("the name of %q is %q, want %q", tt.heading, got, tt.want)
		}
	}
}
