package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// fenced is the block of a documentation page that a test runs.
func fenced(t *testing.T, page, info string) string {
	t.Helper()
	text := mustRead(t, filepath.Join(testkit.Module(t), "docs", page))
	_, code, ok := strings.Cut(text, "```"+info+"\n")
	code, _, ok2 := strings.Cut(code, "```")
	if !ok || !ok2 {
		t.Fatalf("docs/%s has no block %s", page, info)
	}
	return code
}

// The source of the documentation, through the product: its settings from a section, its
// values in files and programs, its secrets redacted.
func TestShellSource(t *testing.T) {
	c := newContainer(t, "secret_dirs =\n"+strings.ReplaceAll(fenced(t, "reference/source-protocol.md", "ini test=TestShellSource"), "/etc/app/values", "DIR/values")+`
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
`)
	c.write("bin/slipway-source-folder", fenced(t, "reference/source-protocol.md", "sh test=TestShellExample"))
	if err := os.Chmod(filepath.Join(c.dir, "bin/slipway-source-folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(c.dir, "bin")+":"+os.Getenv("PATH"))
	c.write("values/log_level", "debug\n")
	c.write("values/db_password", `back\slash`)
	c.write("app.tmpl", "{{ .Env.log_level }} {{ .Env.db_password }} {{ .Env.motd }}\n")
	c.write("values/motd", "first\nsecond\n")
	if status, out := c.local("render -c app.conf"); status != 0 || c.rendered("app.conf") != "debug back\\slash first\nsecond\n" {
		t.Fatalf("render = %d, %s", status, out)
	}
	if info, err := os.Stat(filepath.Join(c.dir, "out/app.conf")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info.Mode(), err)
	}
	if status, out := c.local("env -c app.conf"); status != 0 || !strings.Contains(out, "log_level") || strings.Contains(out, "slash") {
		t.Errorf("env = %d, %s", status, out)
	}
	if err := os.RemoveAll(filepath.Join(c.dir, "values")); err != nil {
		t.Fatal(err)
	}
	if status, out := c.local("render -c app.conf"); status != 78 || !strings.Contains(out, "cannot read source folder: no folder "+c.dir+"/values") {
		t.Errorf("render without the folder = %d, %s", status, out)
	}
}
