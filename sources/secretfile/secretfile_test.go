package secretfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
	"slipway/sources/internal/smallfile"
	"slipway/sources/sourcetest"
)

// root makes a root directory with files.
func root(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func view(vars map[string]string) *sources.View {
	l := sources.Layer{Source: "environment"}
	for n, v := range vars {
		l.Vars = append(l.Vars, sources.Var{Name: n, Value: sources.Value{Text: v, Origin: sources.Origin{Source: "environment"}}})
	}
	return sources.Merge(l)
}

// SLIPWAY_ETCD_PASSWORD_FILE is a setting of [etcd], also in a folder of secrets.
func TestOwnSettingsAreNotRead(t *testing.T) {
	opts := Options{Root: root(t, map[string]string{"run/secrets/etcd": "hunter2"}), Dirs: []string{"/run/secrets"}}
	layer, notes, err := Read(view(map[string]string{"SLIPWAY_ETCD_PASSWORD_FILE": "/run/secrets/etcd"}), opts)
	if len(layer.Vars) > 0 || len(notes) > 0 || err != nil {
		t.Errorf("Read = %v, %v, %v, want nothing", layer, notes, err)
	}
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		Source: Source, Secret: true, Trims: true, Places: true,
		Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
			files, env := map[string]string{}, map[string]string{}
			for n, text := range vars {
				files["run/secrets/"+n] = text + "\n"
				env[n+"_FILE"] = "/run/secrets/" + n
			}
			opts := Options{Root: root(t, files), Dirs: []string{"/run/secrets"}}
			return func() (sources.Layer, []sources.Note, error) { return Read(view(env), opts) }
		},
		Break: func(t *testing.T) sourcetest.Read {
			opts := Options{Root: root(t, map[string]string{"x/nul": sourcetest.Canary + "\x00"})}
			return func() (sources.Layer, []sources.Note, error) {
				return Read(view(map[string]string{"FILE__A": "/x/nul", "FILE__B": "/x/absent"}), opts)
			}
		},
	})
}

func TestWhichVariablesCount(t *testing.T) {
	opts := Options{
		Dirs:     []string{"/run/secrets"},
		Declared: func(n string) bool { return n == "TOKEN" || n == "KEY_FILE" || n == "KEY" },
		Root:     root(t, map[string]string{"run/secrets/a": "secret a\n\r\n", "etc/token": "t", "var/log/x": "log"}),
	}
	for _, row := range []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"in a folder of secrets", map[string]string{"DB_PASSWORD_FILE": "/run/secrets/a"}, []string{"DB_PASSWORD=secret a"}},
		{"declared", map[string]string{"TOKEN_FILE": "/etc/token"}, []string{"TOKEN=t"}},
		{"declared as a path", map[string]string{"KEY_FILE": "/run/secrets/a"}, nil},
		{"neither", map[string]string{"LOG_FILE": "/var/log/x"}, nil},
		{"out of the folder again", map[string]string{"LOG_FILE": "/run/secrets/../../var/log/x"}, nil},
		{"the folder itself", map[string]string{"SECRETS_FILE": "/run/secrets"}, nil},
		{"FILE__ anywhere", map[string]string{"FILE__LOG": "/var/log/x"}, []string{"LOG=log"}},
		{"no path", map[string]string{"TOKEN_FILE": "token", "FILE__X": "x", "FILE__": "/etc/token", "_FILE": "/run/secrets/a"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			layer, notes, err := Read(view(row.env), opts)
			if err != nil || len(notes) != 0 {
				t.Fatalf("Read: %v, notes %v", err, notes)
			}
			if diff := cmp.Diff(append([]string{}, row.want...), sources.Merge(layer).Environ()); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	opts := Options{Root: root(t, map[string]string{"run/secrets/a": "s", "run/secrets/dir/x": "", "run/secrets/big": strings.Repeat("x", smallfile.MaxSize+1)}), Dirs: []string{"/run/secrets"}}
	_, notes, err := Read(view(map[string]string{
		"A_FILE": "/run/secrets/a", "A": "open", "B_FILE": "/run/secrets/absent", "C_FILE": "/run/secrets/dir", "D_FILE": "/run/secrets/big",
	}), opts)
	want := "cannot read /run/secrets/absent, which B_FILE names: no such file or directory\n" +
		"cannot read /run/secrets/dir, which C_FILE names: it is not a regular file"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want\n%s", err, want)
	}
	if len(notes) != 2 || notes[0].String() != "environment: A: set, and A_FILE is too" {
		t.Errorf("notes = %v", notes)
	}
}

// A byte order mark is a part of a password that nobody sees: it is said.
func TestByteOrderMarkIsSaid(t *testing.T) {
	opts := Options{Root: root(t, map[string]string{"run/secrets/a": "\ufeffs", "run/secrets/b": "s"}), Dirs: []string{"/run/secrets"}}
	_, notes, err := Read(view(map[string]string{"A_FILE": "/run/secrets/a", "B_FILE": "/run/secrets/b"}), opts)
	if err != nil || len(notes) != 1 || notes[0].Name != "A" || !strings.Contains(notes[0].Text, "byte order mark") {
		t.Errorf("notes = %v, %v, want one about A", notes, err)
	}
}

func TestIgnored(t *testing.T) {
	opts := Options{Dirs: []string{"/run/secrets", "/etc/keys"}, Declared: func(name string) bool { return name == "OWN" || name == "LOG_FILE" }}
	values := view(map[string]string{
		"A_FILE": "/etc/a", "B_FILE": "b", "LOG_FILE": "/var/log/x", "OWN_FILE": "/etc/own", "IN_FILE": "/run/secrets/in", "SLIPWAY_X_FILE": "/etc/x",
	})
	for name, want := range map[string]string{
		"A":         "A_FILE is set, and does not count: no [env:A] declares A, and /etc/a is not below a secret folder (/run/secrets, /etc/keys)",
		"B":         `B_FILE is set, and does not count: "b" is no absolute path`,
		"LOG":       "LOG_FILE is set, and does not count: [env:LOG_FILE] declares it as a path of its own",
		"SLIPWAY_X": "SLIPWAY_X_FILE is set, and does not count: it is a setting of slipway's own",
		"OWN":       "", "IN": "", "NONE": "",
	} {
		if got := opts.Ignored(values, name); got != want {
			t.Errorf("Ignored(%s) = %q, want %q", name, got, want)
		}
	}
}
