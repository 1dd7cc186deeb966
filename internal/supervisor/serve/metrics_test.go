package serve_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/supervisor/serve"
	"slipway/internal/supervisor/serve/metrics"
	"slipway/internal/supervisor/serve/servetest"
	"slipway/supervise/control"
)

// The front answers with the metrics of what it asks, of /proc, and of the file of the watcher.
func TestMetrics(t *testing.T) {
	dir, m := t.TempDir(), servetest.Programs(t.TempDir())
	m.Sources = filepath.Join(dir, control.SourcesFile)
	stat := filepath.Join(dir, "4711", "stat")
	if err := os.Mkdir(filepath.Dir(stat), 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		m.Sources: `[{"source":"etcd","connected_since":"2026-01-01T00:00:00Z","stale_since":"2026-01-01T00:00:01Z"}]`,
		stat:      "4711 (slipway) S 1 0 0 0 0 0 0 0 0 0 150 50 0 0 20 0 3 0 0 0 5 0\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := servetest.StartWith(t, m, serve.Config{Proc: dir})
	resp, body := do(t, f, "GET", "/metrics", "")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != metrics.ContentType {
		t.Errorf("answer %d of type %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	for _, want := range []string{
		"slipway_cpu_seconds_total 2\n", "slipway_sources_known 1\n", `slipway_source_connected{source="etcd"} 0` + "\n", `slipway_process_state{group="web",process="web",state="RUNNING"} 1` + "\n",
		`slipway_process_state{group="g",process="b",state="STOPPED"} 1` + "\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
	if resp, body := do(t, f, "HEAD", "/metrics", ""); resp.StatusCode != http.StatusOK || body != "" || resp.ContentLength <= 0 {
		t.Errorf("HEAD: %d, length %d, %q", resp.StatusCode, resp.ContentLength, body)
	}
	if resp, _ := do(t, f, "POST", "/metrics", ""); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
	if resp, _ := do(t, f, "GET", "/metrics/", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("another path: %d", resp.StatusCode)
	}

	t.Run("a damaged file of the watcher", func(t *testing.T) {
		if err := os.WriteFile(m.Sources, []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
		if resp, body := do(t, f, "GET", "/metrics", ""); resp.StatusCode != http.StatusOK || !strings.Contains(body, "slipway_sources_known 0\n") {
			t.Errorf("answer %d\n%s", resp.StatusCode, body)
		}
	})
	t.Run("no watcher", func(t *testing.T) {
		if err := os.Remove(m.Sources); err != nil {
			t.Fatal(err)
		}
		if _, body := do(t, f, "GET", "/metrics", ""); !strings.Contains(body, "slipway_sources_known 1\n") || strings.Contains(body, "slipway_source_") {
			t.Errorf("answer\n%s", body)
		}
	})
	t.Run("no supervisor", func(t *testing.T) {
		if err := f.Control.Close(); err != nil {
			t.Fatal(err)
		}
		if resp, body := do(t, f, "GET", "/metrics", ""); resp.StatusCode != http.StatusServiceUnavailable || !strings.HasPrefix(body, "There are no metrics: the supervisor does not answer") {
			t.Errorf("answer %d, %q", resp.StatusCode, body)
		}
	})
}
