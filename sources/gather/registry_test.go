package gather

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
)

func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Registry() {
		if s.Name == "" || seen[s.Name] {
			t.Errorf("name %q is empty, or there twice", s.Name)
		}
		seen[s.Name] = true
		if !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: doc %q is no sentence", s.Name, s.Doc)
		}
		if len(s.Files) > 0 && s.Watch == nil {
			t.Errorf("%s: its values stand in files, and nothing is watched", s.Name)
		}
		if s.Read == nil && (s.Watch != nil || len(s.Files) > 0) {
			t.Errorf("%s: a source program watches by itself", s.Name)
		}
	}
}

// TestEachSourceBearsItsName reads every source where there is nothing to read: the layer
// bears the name of its row, and nothing is amiss.
func TestEachSourceBearsItsName(t *testing.T) {
	for _, s := range Registry() {
		if s.Read == nil {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			r := Request{Root: t.TempDir(), Weaker: func(func(string) bool) *sources.View { return sources.Merge() }}
			layer, notes, err := s.Read(&r)
			if layer.Source != s.Name || len(layer.Vars) != 0 || len(notes) != 0 || err != nil {
				t.Errorf("read = %q with %d variables, %v, %v, want %q and nothing", layer.Source, len(layer.Vars), notes, err, s.Name)
			}
		})
	}
}

func TestWatched(t *testing.T) {
	r := Request{EnvDir: "/env.d", SecretDirs: []string{"/run/secrets", "/more"}}
	got := Watched([]string{"env.d", "etcd", "environment", "folder", "secrets"}, r)
	if diff := cmp.Diff([]string{"/env.d", "/run/secrets", "/more"}, got); diff != "" {
		t.Errorf("Watched (-want +got):\n%s", diff)
	}
	if got := Watched([]string{"environment"}, r); len(got) != 0 {
		t.Errorf("Watched = %q, want nothing of sources that are not read", got)
	}
}

func TestFileOrigins(t *testing.T) {
	got := FileOrigins()
	for _, name := range []string{"env.d", "secrets", "secret files", "credentials"} {
		if !slices.Contains(got, name) {
			t.Errorf("FileOrigins = %q, want %q among them", got, name)
		}
	}
	if slices.Contains(got, "environment") {
		t.Error("the environment stands in no file")
	}
}
