package differential

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slipway/internal/test/testkit"
)

// scenario is one file of testdata.
type scenario struct {
	topic, name string
	lines       []string // commands
	files       []txtar.File
}

const head = `[supervisord]
nodaemon=true
logfile=DIR/main.log
pidfile=DIR/supervisord.pid
childlogdir=DIR
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[unix_http_server]
file=DIR/s.sock
[supervisorctl]
serverurl=unix://DIR/s.sock
`

func readScenarios(t *testing.T) []scenario {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []scenario
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := scenario{
			topic: filepath.Base(filepath.Dir(path)),
			name:  strings.TrimSuffix(filepath.Base(path), ".txtar"),
			files: ar.Files,
		}
		about := false
		for _, line := range strings.Split(string(ar.Comment), "\n") {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "#"):
				about = true
			case line != "":
				s.lines = append(s.lines, line)
			}
		}
		if !about || len(s.lines) == 0 {
			t.Errorf("%s does not say what it is about, or does nothing", path)
		}
		out = append(out, s)
	}
	return out
}

// unpack writes the scenario's files to dir and returns the configuration's path.
func (s scenario) unpack(t *testing.T, dir string) string {
	t.Helper()
	conf := head
	ports := strings.NewReplacer("PORT1", strconv.Itoa(testkit.FreePort(t)), "PORT2", strconv.Itoa(testkit.FreePort(t)))
	for _, f := range s.files {
		text := ports.Replace(strings.ReplaceAll(string(f.Data), "DIR", dir))
		switch f.Name {
		case "conf":
			conf += text
			continue
		case "whole.conf":
			conf = text
			continue
		}
		write(t, filepath.Join(dir, f.Name), text)
	}
	path := filepath.Join(dir, "supervisord.conf")
	write(t, path, strings.ReplaceAll(conf, "DIR", dir))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	mode := os.FileMode(0o644)
	if ext := filepath.Ext(path); ext == ".sh" || ext == ".py" {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// transcript is what a run recorded: for each command a piece of text.
type transcript struct{ pieces []string }

func (tr *transcript) add(command, text string) {
	tr.pieces = append(tr.pieces, fmt.Sprintf("> %s\n%s", command, text))
}

// sortLines sorts the text of the pieces from i on: for what is left to chance.
func (tr *transcript) sortLines(i int) {
	for ; i < len(tr.pieces); i++ {
		lines := strings.Split(strings.TrimRight(tr.pieces[i], "\n"), "\n")
		sort.Strings(lines[1:])
		tr.pieces[i] = strings.Join(lines, "\n") + "\n"
	}
}

// difference describes the first pieces that are not equal, or is "".
func difference(got, want transcript) string {
	for i := range max(len(got.pieces), len(want.pieces)) {
		var g, w string
		if i < len(got.pieces) {
			g = got.pieces[i]
		}
		if i < len(want.pieces) {
			w = want.pieces[i]
		}
		if g != w {
			return fmt.Sprintf("slipway:\n%s\noriginal:\n%s", indent(g), indent(w))
		}
	}
	return ""
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
