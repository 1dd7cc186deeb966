// Package shop_test runs an image with programs of every kind: a daemon with probes, a oneshot,
// dependencies, a schedule and limits.
package shop_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

const image = "slipway-example/shop"

// build makes an image with a shell, an HTTP server and slipway.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Docker)
	bins := testkit.Binaries(t)
	files := testkit.Context{
		"root/bin/busybox":                 {From: testkit.Busybox(t), Mode: 0o755},
		"root/usr/local/bin/slipway":       {From: bins.Slipway},
		"root/usr/local/bin/slipway-init":  {From: bins.Init},
		"root/etc/slipway/slipway.conf":    {From: "shop.conf"},
		"root/etc/slipway/templates/.keep": {},
		"root/etc/passwd":                  {Text: "root:x:0:0::/:/bin/sh\nshop:x:1000:1000::/:/bin/sh\n"},
		"root/etc/group":                   {Text: "root:x:0:\nshop:x:1000:\n"},
		"root/www/index.html":              {Text: "open\n"},
		"root/data/www/health":             {Text: "well\n"},
		"Dockerfile": {Text: "FROM scratch\nCOPY root/ /\n" +
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /run /tmp"]` +
			"\nENV PATH=/usr/local/bin:/bin\nENTRYPOINT [\"slipway\", \"run\"]\n"},
	}
	for path, f := range testkit.Tree(t, "bin") {
		f.Mode = 0o755
		files["root/usr/local/bin/"+path] = f
	}
	testkit.Build(t, image, files)
}

// until waits for a command in the container that ends with 0.
func until(t *testing.T, c *testkit.Container, what, command string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, what, func() error {
		if out, status := c.Exec(t, "sh", "-c", command); status != 0 {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
}

func TestShop(t *testing.T) {
	build(t)
	c := testkit.Run(t, testkit.RunOptions{Image: image})
	until(t, c, "the shop is open", "wget -q -O - http://127.0.0.1:8080/ && slipway healthcheck")

	blocks := testkit.Blocks(t, "examples/shop/README.md", t.Name())
	if len(blocks) != 6 {
		t.Fatalf("the page has %d blocks, want three commands and what they print", len(blocks))
	}
	for i := 0; i < len(blocks); i += 2 {
		if got := c.MustExec(t, "sh", "-c", blocks[i].Text); !testkit.Matches(got, blocks[i+1].Text) {
			t.Errorf("%s prints\n%s\nwant\n%s", blocks[i].Text, got, blocks[i+1].Text)
		}
	}
	testkit.Eventually(t, testkit.Patience, "two reports", func() error {
		if n := strings.Count(c.Logs(t), "report: 3 orders\n"); n < 2 {
			return fmt.Errorf("%d were made", n)
		}
		return nil
	})

	web := c.MustExec(t, "sh", "-c", "slipway status web | awk 'END { print $3 }'")
	c.MustExec(t, "mv", "/data/www/health", "/data/www/ill")
	until(t, c, "web is restarted with the store", "! kill -0 "+strings.TrimSpace(web))
	c.MustExec(t, "mv", "/data/www/ill", "/data/www/health")
	until(t, c, "the shop is open again", "wget -q -O - http://127.0.0.1:8080/ && slipway healthcheck")

	testkit.MustDocker(t, "restart", c.ID)
	until(t, c, "the shop is open after a start", "wget -q -O - http://127.0.0.1:8080/ && slipway healthcheck")
	if n := strings.Count(c.Logs(t), "migrate: the store has its tables"); n != 1 {
		t.Errorf("the store was migrated %d times, want once", n)
	}
	c.Stop(t, testkit.Patience)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("status %d after docker stop, want 0", status)
	}
}

// The page shows what the example has.
func TestPageOfShop(t *testing.T) {
	text, err := os.ReadFile("shop.conf")
	if err != nil {
		t.Fatal(err)
	}
	if block := testkit.OneBlock(t, "examples/shop/README.md", t.Name()); !strings.Contains(string(text), block) {
		t.Errorf("shop.conf has no such lines:\n%s", block)
	}
}
