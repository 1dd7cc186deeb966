package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/sources"
	"slipway/sources/protocol"
	"slipway/sources/sourcetest"
)

// script makes a source program of shell code.
func script(t *testing.T, code string) Program {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, Prefix+"test")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+code), 0o755); err != nil {
		t.Fatal(err)
	}
	return Program{Name: "test", Path: path, Environ: []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}}
}

const hello = "echo slipway-source 1; "

func TestConformance(t *testing.T) {
	for _, secret := range []bool{false, true} {
		t.Run(fmt.Sprintf("secret=%t", secret), func(t *testing.T) {
			sourcetest.Run(t, sourcetest.Subject{
				Source: "test", Secret: secret,
				Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
					u := protocol.Update{Revision: 3}
					for n, text := range vars {
						u.Vars = append(u.Vars, sources.Var{Name: n, Value: sources.Value{Text: text, Secret: secret}})
					}
					file := filepath.Join(t.TempDir(), "answer")
					f, err := os.Create(file)
					if err != nil {
						t.Fatal(err)
					}
					w := protocol.NewWriter(f)
					w.Write(protocol.Message{Verb: protocol.Hello, Number: protocol.Version})
					w.WriteUpdate(u)
					if err := errors.Join(w.Flush(), f.Close()); err != nil {
						t.Fatal(err)
					}
					return reader(script(t, "exec cat "+file))
				},
				Break: func(t *testing.T) sourcetest.Read {
					return reader(script(t, hello+"echo snapshot 1; echo var A "+sourcetest.Canary))
				},
			})
		})
	}
}

func reader(p Program) sourcetest.Read {
	return func() (sources.Layer, []sources.Note, error) {
		u, err := p.Get(context.Background())
		return sources.Layer{Source: p.Name, Vars: u.Vars}, nil, err
	}
}

func TestErrorsNameTheirCause(t *testing.T) {
	for _, row := range []struct{ name, code, kind, want string }{
		{"says why, by protocol", hello + "echo 'error denied user app may not read /x'", "denied", "cannot read source test: user app may not read /x"},
		{"says why and ends badly", hello + "echo 'error unavailable connection refused'; exit 69", "unavailable", "cannot read source test: connection refused"},
		{"says why on standard error", "echo starting >&2; echo 'no such host' >&2; exit 3", "unavailable", "cannot read source test: no such host (exit status 3)"},
		{"ends badly in silence", "exit 78", "invalid", "cannot read source test: slipway-source-test ended with status 78 and said nothing"},
		{"is killed", "kill -9 $$", "unavailable", "cannot read source test: slipway-source-test: unexpected EOF"},
		{"writes nothing", "exit 0", "unavailable", "cannot read source test: slipway-source-test: unexpected EOF"},
		{"writes half", hello + "echo snapshot 1; echo key a b", "unavailable", "cannot read source test: slipway-source-test: unexpected EOF in a snapshot"},
		{"writes something else", "echo usage: x", "unavailable", `cannot read source test: slipway-source-test: line 1: expected "slipway-source 1" as the first line`},
		{"ends badly after a snapshot", hello + "echo snapshot 1; echo end 1; exit 4", "unavailable", "cannot read source test: slipway-source-test ended with status 4 and said nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := script(t, row.code).Get(context.Background())
			var e *Error
			if !errors.As(err, &e) || e.Code != row.kind || e.Error() != row.want {
				t.Errorf("error = %v, want %s: %s", err, row.kind, row.want)
			}
		})
	}
}

func TestItEndsWhenItShould(t *testing.T) {
	quick := func(t *testing.T, f func() error) error {
		t.Helper()
		start := time.Now()
		err := f()
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("took %v, want less than the programs sleep", d)
		}
		return err
	}
	t.Run("a program that answers nothing", func(t *testing.T) {
		p := script(t, "exec sleep 60")
		p.Timeout = 100 * time.Millisecond
		err := quick(t, func() error { _, err := p.Get(context.Background()); return err })
		if want := "cannot read source test: no answer within 100ms"; err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	})
	t.Run("one that ignores TERM and has a child", func(t *testing.T) {
		p := script(t, "trap '' TERM; sleep 30 & wait; sleep 30")
		p.Timeout = 100 * time.Millisecond
		if err := quick(t, func() error { _, err := p.Get(context.Background()); return err }); err == nil {
			t.Error("no error")
		}
	})
	t.Run("one that writes for ever", func(t *testing.T) {
		p := script(t, hello+"echo snapshot 1; exec yes key a b")
		p.Limit = 1 << 20
		if err := quick(t, func() error { _, err := p.Get(context.Background()); return err }); !errors.Is(err, protocol.ErrTooMuch) {
			t.Errorf("error = %v, want ErrTooMuch", err)
		}
	})
	t.Run("a caller that was cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(100*time.Millisecond, cancel)
		p := script(t, hello+"exec sleep 60")
		if err := quick(t, func() error { _, err := p.Get(ctx); return err }); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	})
	t.Run("a watch whose caller has enough", func(t *testing.T) {
		enough := errors.New("enough")
		p := script(t, hello+"echo snapshot 1; echo end 1; n=1; while :; do n=$((n+1)); echo change $n; echo end $n; sleep 0.01; done")
		last := int64(0)
		err := quick(t, func() error {
			return p.Watch(context.Background(), func(u protocol.Update) error {
				if last = u.Revision; last == 5 {
					return enough
				}
				return nil
			})
		})
		if !errors.Is(err, enough) || last != 5 {
			t.Errorf("Watch = %v at revision %d, want enough at 5", err, last)
		}
	})
}

// Settings reach the program on standard input and nowhere else.
func TestSettings(t *testing.T) {
	p := script(t, `cat > "$(dirname "$0")/request"; tr '\0' ' ' < /proc/$$/cmdline > "$(dirname "$0")/cmdline"; env > "$(dirname "$0")/env"; `+hello+"echo note hi; echo snapshot 0; echo end 0")
	testkit.Need(t, testkit.Linux)
	p.Settings = []protocol.Setting{{Name: "prefix", Text: "/app"}, {Name: "password", Text: sourcetest.Canary, Secret: true}}
	var notes []string
	p.Note = func(text string) { notes = append(notes, text) }
	if _, err := p.Get(context.Background()); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(p.Path), name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if want := "slipway-source 1\nset prefix /app\nsecret set password " + sourcetest.Canary + "\nget\n"; read("request") != want {
		t.Errorf("request =\n%s\nwant\n%s", read("request"), want)
	}
	if text := read("cmdline") + read("env"); strings.Contains(text, sourcetest.Canary) {
		t.Errorf("the secret is in the arguments or the environment: %s", text)
	}
	if diff := cmp.Diff([]string{"hi"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if strings.Contains(fmt.Sprintf("%+v", p), sourcetest.Canary) {
		t.Error("the printed program shows a secret")
	}
}

func TestFind(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, f := range []struct {
		path string
		mode os.FileMode
	}{{filepath.Join(a, Prefix+"x"), 0o644}, {filepath.Join(b, Prefix+"x"), 0o755}, {filepath.Join(b, Prefix+"y"), 0o755}, {filepath.Join(a, Prefix+"y"), 0o755}} {
		if err := os.WriteFile(f.path, nil, f.mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct{ name, own, want string }{
		{"x", "", filepath.Join(b, Prefix+"x")},
		{"y", "", filepath.Join(a, Prefix+"y")},
		{"y", filepath.Join(b, "slipway"), filepath.Join(b, Prefix+"y")},
	} {
		if got, err := Find(row.name, row.own, []string{a, b}, nil); err != nil || got != row.want {
			t.Errorf("Find(%q, %q) = %q, %v, want %q", row.name, row.own, got, err, row.want)
		}
	}
	known := []string{"env.d", "environment"}
	for name, hint := range map[string]string{
		"z":          "install it, or take z out of sources; slipway knows env.d, environment",
		"enviroment": `install it, or take enviroment out of sources; did you mean "environment"?`,
	} {
		_, err := Find(name, "", []string{a}, known)
		var absent *Error
		if !errors.As(err, &absent) || !strings.Contains(err.Error(), "no executable slipway-source-"+name+" in "+a) || absent.Hint() != hint {
			t.Errorf("Find of an absent program = %v, want the folder, and the hint %q", err, hint)
		}
	}
	if _, err := Find("../x", "", []string{a}, known); err == nil {
		t.Error("Find takes a path for a name")
	}
}

// The example of docs/reference/source-protocol.md is a source that works: a folder whose
// files are settings, polled for changes.
func TestShellExample(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.Module(t), "docs/reference/source-protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(page), "```sh test=TestShellExample\n")
	code, _, ok2 := strings.Cut(code, "```")
	if !ok || !ok2 {
		t.Fatal("docs/reference/source-protocol.md has no example for this test")
	}
	if n := strings.Count(code, "\n"); n > 20 {
		t.Errorf("the example has %d lines, the page promises 20", n)
	}
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, ".tmp"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, ".tmp"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	put("log_level", "debug\n")
	put("db_password", `back\slash`)
	put("motd", "one \\n\n\n two\\\n")
	put("nothing", "")
	p := script(t, strings.TrimPrefix(code, "#!/bin/sh\n"))
	p.Settings = []protocol.Setting{{Name: "folder", Text: dir}}

	got, err := p.Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"db_password=«redacted»", `log_level=debug`, "motd=one \\n\n\n two\\", "nothing="}, printed(got)); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	if got.Vars[slices.IndexFunc(got.Vars, func(v sources.Var) bool { return v.Value.Secret })].Value.Text != `back\slash` {
		t.Error("the secret lost its backslash")
	}

	done := errors.New("done")
	err = p.Watch(context.Background(), func(u protocol.Update) error {
		if v := printed(u); slices.Contains(v, "log_level=info") {
			return done
		}
		put("log_level", "info\n")
		return nil
	})
	if !errors.Is(err, done) {
		t.Errorf("Watch = %v, want to see the change", err)
	}
}

func printed(u protocol.Update) []string {
	var out []string
	for _, v := range u.Vars {
		out = append(out, v.Name+"="+v.Value.String())
	}
	slices.Sort(out)
	return out
}

// A program that has to read nothing is not held up by a large request.
func TestLargeRequestToADeafProgram(t *testing.T) {
	p := script(t, hello+"echo snapshot 0; echo end 0")
	for i := range 2000 {
		p.Settings = append(p.Settings, protocol.Setting{Name: "s" + strconv.Itoa(i), Text: strings.Repeat("x", 1000)})
	}
	if _, err := p.Get(context.Background()); err != nil {
		t.Error(err)
	}
}
