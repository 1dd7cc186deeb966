package envfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"slipway/sources"
	"slipway/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		Source: Source, Places: true,
		Put: func(t *testing.T, vars map[string]string) sourcetest.Read {
			dir := t.TempDir()
			text := ""
			for n, v := range vars {
				quoted, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				text += n + "=" + string(quoted) + "\n"
			}
			if err := os.WriteFile(filepath.Join(dir, "a.env"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() (sources.Layer, []sources.Note, error) { return Read(dir) }
		},
		Break: func(t *testing.T) sourcetest.Read {
			file := filepath.Join(t.TempDir(), "a.env")
			if err := os.WriteFile(file, []byte("A="+sourcetest.Canary+"#b\nB='"+sourcetest.Canary), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() (sources.Layer, []sources.Note, error) { return Read(file) }
		},
	})
}
