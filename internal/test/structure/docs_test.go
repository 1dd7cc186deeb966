package structure

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/test/testkit"
)

// An example in a document is run, or it says which test runs it. What stands
// after the three backquotes decides:
//
//	text why=WORD  no example; the word is one of whyNot
//	output         what the `sh run` block above prints; a line "..." stands for any lines
//	sh run         run here, by sh -eu in an empty folder, with the product on PATH
//	LANG test=NAME run by the test function NAME, which must exist
type fence struct {
	file string
	line int
	info []string
	body string
}

// whyNot are the reasons for which a block is run by no test.
var whyNot = map[string]string{
	"generated":  "a test compares it with what it is made from",
	"drawing":    "it is a picture or a list, and nothing to type",
	"transcript": "it is what was printed in a setting that no test can make again: times, other machines",
	"reader":     "it is typed on the reader's own machine, where it builds or starts what the tests build and start in their own way",
	"fragment":   "it is a part of a file that is the reader's, or another tool's",
}

func (f fence) at() string { return f.file + ":" + strconv.Itoa(f.line) }

// fences are the fenced blocks of a Markdown text.
func fences(file, text string) []fence {
	var all []fence
	var open *fence
	for i, line := range strings.Split(text, "\n") {
		mark := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(mark, "```"):
			open = &fence{file: file, line: i + 1, info: strings.Fields(strings.TrimLeft(mark, "`"))}
		case open != nil && mark == "```":
			all = append(all, *open)
			open = nil
		case open != nil:
			open.body += line + "\n"
		}
	}
	return all
}

// unfenced are the numbers of lines that show code without a fence of backquotes: the first
// of an indented block, one of another kind of fence, of <pre>, and a fence that nobody closes.
func unfenced(text string) []int {
	var at []int
	open, list, blank, code := 0, false, true, false
	for i, line := range strings.Split(text, "\n") {
		mark := strings.TrimSpace(line)
		indented := strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		switch {
		case open == 0 && strings.HasPrefix(mark, "```"):
			open, blank = i+1, false
		case open != 0:
			if mark == "```" {
				open = 0
			}
		case mark == "":
			blank = true
		case strings.HasPrefix(mark, "~~~"), strings.HasPrefix(mark, "<pre"):
			at = append(at, i+1)
		case indented:
			if blank && !list && !code {
				at, code = append(at, i+1), true
			}
			blank = false
		default:
			code = false
			if !strings.HasPrefix(line, " ") {
				list = listItem.MatchString(line)
			}
			blank = false
		}
	}
	if open != 0 {
		at = append(at, open)
	}
	return at
}

// listItem begins an item of a list, below which text is indented.
var listItem = regexp.MustCompile(`^(?:[-*+]|\d+[.)]) `)

func TestUnfenced(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []int
	}{
		{"indented", "a\n\n    echo hi\n    echo ho\n\n    echo again\n", []int{3}},
		{"two blocks", "\techo hi\n\nb\n\n    echo ho\n", []int{1, 5}},
		{"a line that goes on", "a\n    b\n", nil},
		{"below an item", "- a\n\n    b\n\n1. c\n    d\n\n    e\n", nil},
		{"after a list", "- a\n\nb\n\n    echo hi\n", []int{5}},
		{"in a fence", "```sh run\n\n    echo hi\n```\n", nil},
		{"another fence", "~~~\necho hi\n~~~\n", []int{1, 3}},
		{"HTML", "a <b>\n<pre>echo hi</pre>\n", []int{2}},
		{"no end", "a\n```text\necho hi\n", []int{2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := unfenced(tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("unfenced = %v, want %v", got, tt.want)
			}
		})
	}
}

// examplePort is a port that an example listens at. On a page it is a number, so that it can
// be read; a run has another one in its place, so that two runs do not meet.
var examplePort = regexp.MustCompile(`\b1847\d\b`)

// listening is where a script says what it listens at: all but port 1, where nobody is.
var listening = regexp.MustCompile(`(?:tcp://(?:127[.\d]*|localhost|0\.0\.0\.0|\*|\[::\])?|127\.0\.0\.1|localhost|port = [^\s:]*|\*):(\d+)`)

// shared is what is wrong with a script that could meet another run of it: it listens at a
// port that is no examplePort, or has a file outside of its folder.
func shared(script string) []string {
	var wrong []string
	for _, m := range listening.FindAllStringSubmatch(script, -1) {
		if m[1] != "1" && !examplePort.MatchString(m[1]) {
			wrong = append(wrong, "port "+m[1]+" may be somebody else's; take one of 18470 to 18479, which each run replaces")
		}
	}
	for _, dir := range []string{"/tmp/", "/run/", "/var/tmp/", "/dev/shm/"} {
		if i := strings.Index(script, dir); i >= 0 && (i == 0 || strings.ContainsAny(script[i-1:i], " =:\"'>/")) {
			wrong = append(wrong, "a file below "+dir+" may be somebody else's; take one in the folder of the example")
		}
	}
	return wrong
}

// apart gives a script ports of its own, and what it is to print the same ones.
func apart(t *testing.T, script, want string) (string, string) {
	t.Helper()
	ports := map[string]string{}
	own := func(port string) string {
		if ports[port] == "" {
			ports[port] = strconv.Itoa(testkit.FreePort(t))
		}
		return ports[port]
	}
	return examplePort.ReplaceAllStringFunc(script, own), examplePort.ReplaceAllStringFunc(want, own)
}

func TestShared(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want         int
	}{
		{"port of examples", "listen = tcp://127.0.0.1:18471\n", 0},
		{"another port", "listen = tcp://127.0.0.1:8080\n", 1},
		{"server", "[inet_http_server]\nport = :9001\n", 1},
		{"every address", "port = *:9001\n", 1},
		{"nobody there", "endpoints = http://127.0.0.1:1\n", 0},
		{"file", "echo >/tmp/x\n", 1},
		{"socket", "listen = unix:///run/x.sock\n", 1},
		{"folder of its own", "slipway wait file:run/control.sock out/tmp/x\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := shared(tt.script); len(got) != tt.want {
				t.Errorf("shared = %q, want %d", got, tt.want)
			}
		})
	}
	script, want := apart(t, "a 18471 b 18472 c 18471", "18471")
	words := strings.Fields(script)
	if words[1] == "18471" || words[1] == words[3] || words[1] != words[5] || want != words[1] {
		t.Errorf("apart = %q, %q, want other ports, the same for the same", script, want)
	}
}

func TestFences(t *testing.T) {
	got := fences("x.md", "a\n```sh run\necho hi\n```\n```output\nhi\n```\n")
	if len(got) != 2 || got[0].body != "echo hi\n" || got[0].line != 2 || strings.Join(got[0].info, " ") != "sh run" || got[1].body != "hi\n" {
		t.Errorf("fences = %+v, want the command and its output", got)
	}
}

func TestDocumentedExamples(t *testing.T) {
	root, files := tracked(t)
	tests := testFunctions(t, root, files)
	for _, name := range files {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range unfenced(string(data)) {
			t.Errorf("%s:%d: code that is in no fence, so that nothing says how it is tested; fence and mark it", name, line)
		}
		all := fences(name, string(data))
		for i, f := range all {
			kind := strings.Join(f.info, " ")
			by, isTest := strings.CutPrefix(last(f.info), "test=")
			switch {
			case len(f.info) > 0 && f.info[0] == "text" && !isTest:
				if reason, said := strings.CutPrefix(last(f.info), "why="); len(f.info) != 2 || !said || whyNot[reason] == "" {
					t.Errorf("%s: the block is marked %q, which has no reason; mark it `text why=WORD`, with one of %q", f.at(), kind, slices.Sorted(maps.Keys(whyNot)))
				}
			case kind == "output":
				if i == 0 || strings.Join(all[i-1].info, " ") != "sh run" {
					t.Errorf("%s: output of nothing: the block before it is not `sh run`", f.at())
				}
			case kind == "sh run":
				for _, wrong := range shared(f.body) {
					t.Errorf("%s: %s", f.at(), wrong)
				}
				want := ""
				if i+1 < len(all) && strings.Join(all[i+1].info, " ") == "output" {
					want = all[i+1].body
				}
				t.Run(f.at(), func(t *testing.T) {
					t.Parallel() // they mostly wait
					runExample(t, f.body, want)
				})
			case isTest && strings.Contains(tests[by], filepath.Base(name)):
			case isTest && tests[by] != "":
				t.Errorf("%s: the package of %s never names this page, so it cannot read the block", f.at(), by)
			case isTest:
				t.Errorf("%s: no test is called %s", f.at(), by)
			default:
				t.Errorf("%s: the example is marked %q; mark it text, `sh run`, or with the test=NAME that runs it", f.at(), kind)
			}
		}
	}
}

// docWidth is how many characters a line of a document may have: what a terminal, a
// review and a diff in two columns show whole.
const docWidth = 100

// tooWide are the numbers of the lines of a Markdown text that are too wide. A row of a
// table cannot be broken, and what a program prints is shown as it prints it; everything
// else can be.
func tooWide(text string) []int {
	var at []int
	block := "" // the info string of the fenced block that a line is in
	for i, line := range strings.Split(text, "\n") {
		mark := strings.TrimSpace(line)
		info, isFence := strings.CutPrefix(mark, "```")
		switch {
		case isFence && info == "":
			block = ""
		case isFence:
			block = info
		case block == "output" || block == "" && strings.HasPrefix(mark, "|"):
		case utf8.RuneCountInString(line) > docWidth:
			at = append(at, i+1)
		}
	}
	return at
}

func TestTooWide(t *testing.T) {
	wide := strings.Repeat("ä ", 51)
	for _, tt := range []struct {
		name, text string
		want       []int
	}{
		{"a hundred characters", strings.Repeat("ä", 100), nil},
		{"one more", "a\n" + strings.Repeat("ä", 101), []int{2}},
		{"row of a table", "| " + wide, nil},
		{"output", "```output\n" + wide + "\n```\n", nil},
		{"after output", "```output\na\n```\n" + wide, []int{4}},
		{"command", "```sh run\n" + wide + "\n```\n", []int{2}},
		{"pipe in a command", "```sh run\na |\n| " + wide + "\n```\n", []int{3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tooWide(tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("tooWide = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestDocumentWidth binds what people write. The pages of docs/reference are generated,
// and their text is as wide as the tables in the code that it comes from.
func TestDocumentWidth(t *testing.T) {
	root, files := tracked(t)
	for _, name := range files {
		generated := strings.HasPrefix(name, "docs/reference/")
		if !strings.HasSuffix(name, ".md") || generated || strings.Contains(name, "testdata/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range tooWide(string(data)) {
			t.Errorf("%s:%d: more than %d characters; break the line", name, line, docWidth)
		}
	}
}

// mdLink is a link of Markdown to a place in the repository: [text](file#heading).
var mdLink = regexp.MustCompile(`\]\(([^)\s:#]*)(?:#([^)\s]*))?\)`)

// anchors are the names by which the headings of a Markdown text are linked: lower case,
// without what is no letter, digit, blank or hyphen, and with hyphens for blanks.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(text) {
		if level, title, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.Trim(level, "#") == "" {
			names[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(title), ""), " ", "-")] = true
		}
	}
	return names
}

// TestDocumentLinks: a link that leads nowhere is found by the reader who needs it.
func TestDocumentLinks(t *testing.T) {
	root, files := tracked(t)
	for _, name := range files {
		if !strings.HasSuffix(name, ".md") || strings.Contains(name, "testdata/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdLink.FindAllStringSubmatch(string(data), -1) {
			target := filepath.Join(root, name)
			if m[1] != "" {
				target = filepath.Join(root, filepath.Dir(name), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s leads nowhere: %v", name, m[1], err)
				continue
			}
			if m[2] == "" {
				continue
			}
			if data, err := os.ReadFile(target); err != nil || !anchors(string(data))[m[2]] {
				t.Errorf("%s: the link to %s#%s finds no such heading (%v)", name, m[1], m[2], err)
			}
		}
	}
}

// mdPath is a code span of Markdown that names a place in the repository, or several by
// a pattern: `supervise/machine`, `render/language/funcs_*.go`.
var mdPath = regexp.MustCompile("`((?:cmd|docs|examples|internal|render|sources|supervise|templates)/[^` ]*)`")

// TestDocumentPaths: a page that says where something is must be right about it.
func TestDocumentPaths(t *testing.T) {
	root, files := tracked(t)
	for _, name := range files {
		if !strings.HasSuffix(name, ".md") || strings.Contains(name, "testdata/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdPath.FindAllStringSubmatch(string(data), -1) {
			if found, err := filepath.Glob(filepath.Join(root, m[1])); err != nil || len(found) == 0 {
				t.Errorf("%s: there is no %s", name, m[1])
			}
		}
	}
}

// TestMapOfTheTree: the table of the architecture has every folder two levels deep in which
// there is Go, once. The rest is below one of these.
func TestMapOfTheTree(t *testing.T) {
	root, files := tracked(t)
	data, err := os.ReadFile(filepath.Join(root, "docs/explanation/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range mdPath.FindAllStringSubmatch(cells[1], -1) {
				said[m[1]]++
			}
		}
	}
	seen := map[string]bool{}
	for _, name := range files {
		parts := strings.Split(name, "/")
		if len(parts) < 3 || !strings.HasSuffix(name, ".go") {
			continue
		}
		dir := parts[0] + "/" + parts[1]
		if !slices.Contains([]string{"cmd", "internal", "render", "supervise"}, parts[0]) || seen[dir] {
			continue // sources and examples are lists of their own, in the reference and in README.md
		}
		if seen[dir] = true; said[dir] != 1 {
			t.Errorf("docs/explanation/architecture.md, Where things are: %s is there %d times, want once", dir, said[dir])
		}
	}
}

func TestAnchors(t *testing.T) {
	got := anchors("# `slipway` exec, in short\ntext # no heading\n## Two  \n")
	if len(got) != 2 || !got["slipway-exec-in-short"] || !got["two"] {
		t.Errorf("anchors = %v, want slipway-exec-in-short and two", got)
	}
}

func last(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// testFunctions are the test functions of the repository by their names, each with the text of
// the tests of its package.
func testFunctions(t *testing.T, root string, files []string) map[string]string {
	t.Helper()
	decl := regexp.MustCompile(`(?m)^func ((?:Test|Example|Benchmark|Fuzz)\w*)\(`)
	texts, places := map[string]string{}, map[string][]string{} // by folder; by name of a function
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(name)
		texts[dir] += string(data)
		for _, m := range decl.FindAllStringSubmatch(string(data), -1) {
			places[m[1]] = append(places[m[1]], dir)
		}
	}
	names := map[string]string{}
	for name, dirs := range places {
		for _, dir := range dirs {
			names[name] += texts[dir]
		}
	}
	return names
}

func runExample(t *testing.T, script, want string) {
	t.Helper()
	testkit.Need(t, testkit.Linux)
	bins := testkit.Binaries(t)
	dir := t.TempDir()
	script, want = apart(t, script, want)
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-eu", "-c", script)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	cmd.Env = []string{"PATH=" + bins.Dir + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + dir, "LC_ALL=C", "SLIPWAY_RUNTIME=" + dir + "/.runtime"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("example fails: %v\n%s%s", err, &stdout, &stderr)
	}
	if want != "" && !testkit.Matches(stdout.String(), want) {
		t.Errorf("example prints\n%swant\n%s", &stdout, want)
	}
}
