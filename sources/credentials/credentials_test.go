package credentials

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/sources"
	"slipway/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		Source: Source, Secret: true, Trims: true, Places: true,
		Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
			dir := t.TempDir()
			for name, text := range vars {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			return func() (sources.Layer, []sources.Note, error) {
				return Read([]string{"HOME=/", Variable + "=" + dir, Variable + "=/other"}, "")
			}
		},
		Break: func(t *testing.T) sourcetest.Read {
			dir := t.TempDir()
			for _, name := range []string{"db.password", "db-password"} { // two files, one variable
				if err := os.WriteFile(filepath.Join(dir, name), []byte(sourcetest.Canary), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			return func() (sources.Layer, []sources.Note, error) {
				return Read([]string{Variable + "=" + dir}, "")
			}
		},
	})
}

func TestWhereNoneAre(t *testing.T) {
	root := t.TempDir()
	for _, environ := range [][]string{nil, {Variable + "="}, {Variable + "=/run/credentials/app"}} {
		layer, notes, err := Read(environ, root)
		if layer.Source != Source || len(layer.Vars) != 0 || len(notes) != 0 || err != nil {
			t.Errorf("Read(%q) = %v, %v, %v, want nothing", environ, layer, notes, err)
		}
	}
	if _, _, err := Read([]string{Variable + "=credentials"}, root); err == nil || !strings.Contains(err.Error(), `expected an absolute path in CREDENTIALS_DIRECTORY, got "credentials"`) {
		t.Errorf("a relative path: %v", err)
	}
}
