package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What slipway init writes passes slipway check, without a note, for each kind of program.
func TestInitPassesCheck(t *testing.T) {
	for _, tt := range []struct{ name, seen, executable string }{
		{"nothing", "", "sleep"},
		{"node", "package.json", "node"},
		{"python", "app.py", "python3"},
		{"java", "shop.jar", "java"},
		{"nginx", "nginx.conf", "nginx"},
		{"redis", "redis.conf", "redis-server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, bin := t.TempDir(), t.TempDir()
			if tt.seen != "" {
				writeTest(t, filepath.Join(dir, tt.seen), "")
			}
			t.Setenv("PATH", bin) // of init: what is installed here is nothing to it
			a := testApp()
			if status := a.main(t.Context(), []string{"slipway", "init", dir}); status != 0 {
				t.Fatalf("init ends with %d: %s", status, a.stderr)
			}
			writeTest(t, filepath.Join(bin, tt.executable), "#!/bin/sh\n")
			if err := os.Chmod(filepath.Join(bin, tt.executable), 0o755); err != nil {
				t.Fatal(err)
			}
			conf, err := filepath.Glob(filepath.Join(dir, "etc/slipway/conf.d/*.conf"))
			if err != nil || len(conf) != 1 {
				t.Fatalf("%d files in conf.d (%v), want one", len(conf), err)
			}
			a = testApp()
			a.env = []string{"PATH=" + bin, "SLIPWAY_TEMPLATES=" + filepath.Join(dir, "etc/slipway/templates"), "SLIPWAY_ENV_DIR=" + dir}
			if status := a.main(t.Context(), []string{"slipway", "check", "-c", conf[0]}); status != 0 {
				t.Errorf("check ends with %d: %s", status, a.stderr)
			}
			if text := a.text(); strings.Contains(text, "note:") {
				t.Errorf("check has something to say:\n%s", text)
			}
		})
	}
}

// Only a terminal is asked, and /dev/null is none, though it is a device as well.
func TestInitAsksNobody(t *testing.T) {
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "app.py"), "")
	writeTest(t, filepath.Join(dir, "package.json"), "")
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	a := testApp()
	a.stdin = null
	if status := a.main(t.Context(), []string{"slipway", "init", dir}); status != 0 || strings.Contains(a.text(), "which one?") {
		t.Errorf("init ends with %d, and asks /dev/null:\n%s", status, a.text())
	}
	if isTerminal(null) {
		t.Error("/dev/null is a terminal")
	}
}

func (a *app) text() string { return a.stderr.(interface{ String() string }).String() }

func writeTest(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
