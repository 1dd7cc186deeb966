package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// until asks until the answer has a text.
func (c *container) until(want string, args ...string) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, "slipway "+strings.Join(args, " ")+" says "+want, func() error {
		if status, out := c.ask(args...); !strings.Contains(out, want) {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
}

// script writes an executable of the container's folder for sh.
func (c *container) script(name, text string) {
	c.t.Helper()
	c.write(name, "#!/bin/sh\n"+strings.ReplaceAll(text, "DIR", c.dir)+"\n")
	if err := os.Chmod(filepath.Join(c.dir, name), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// forever is a program that runs until it is asked to end.
const forever = "trap 'exit 0' TERM; while :; do sleep 0.02; done"

// example is a container with the example of docs/supervision.md that this test runs. What it
// has in /app is in the folder of the container.
func example(t *testing.T) *container {
	t.Helper()
	page, err := os.ReadFile("../../docs/supervision.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(page), "```ini test="+t.Name()+"\n")
	text, _, closed := strings.Cut(block, "```")
	if !ok || !closed {
		t.Fatalf("docs/supervision.md has no example for %s", t.Name())
	}
	return newContainer(t, strings.ReplaceAll(text, "/app/", "DIR/app/"))
}

// The sentence that one has always wanted to say: migrate, then the app.
func TestExampleOfOrder(t *testing.T) {
	c := example(t)
	c.script("app/migrate", "while ! test -e DIR/schema; do sleep 0.02; done; echo migrated >>DIR/order")
	c.script("app/serve", "echo app >>DIR/order; "+forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("waits for migrate:completed", "status")
	c.write("schema", "")
	c.until("RUNNING", "status", "app")
	if got := c.read("order"); got != "migrated\napp\n" {
		t.Errorf("order %q", got)
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}
