// Package php_test builds the image of this example and runs it.
package php_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

const image = "slipway-example/php"

// get asks for the page.
func get(ip string, port int) (string, error) {
	client := http.Client{Timeout: testkit.Patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(fmt.Sprintf("http://%s:%d/", ip, port))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return string(body), err
}

func TestPHP(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root)
	testkit.BuildExample(t, image, ".")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: []string{"-e", "GREETING=good morning", "-e", "PORT=8081"}})
	testkit.Eventually(t, testkit.Patience, "the container is ready", func() error {
		if out, status := c.Exec(t, "slipway", "healthcheck"); status != 0 {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
	page, err := get(c.IP(t), 8081)
	if err != nil || page != "good morning\n" {
		t.Errorf("the page is %q, %v", page, err)
	}

	t.Run("the job", func(t *testing.T) {
		c.MustExec(t, "touch", "/tmp/upload-1")
		c.MustExec(t, "chown", "www-data", "/tmp/upload-1")
		if out := c.MustExec(t, "slipway", "status", "tidy"); !strings.Contains(out, "next run ") {
			t.Errorf("status says\n%s", out)
		}
		c.MustExec(t, "slipway", "start", "tidy")
		if out, status := c.Exec(t, "ls", "/tmp/upload-1"); status == 0 {
			t.Errorf("the file is still there: %s", out)
		}
	})

	t.Run("a changed setting", func(t *testing.T) {
		c.MustExec(t, "sh", "-c", "mkdir -p /etc/slipway/env.d; echo PHP_WORKERS=3 >/etc/slipway/env.d/php.env")
		c.MustExec(t, "slipway", "render")
		if out := c.MustExec(t, "grep", "max_children", "/etc/php/8.2/fpm/php-fpm.conf"); out != "pm.max_children = 3\n" {
			t.Errorf("the pool has %q", out)
		}
		testkit.Eventually(t, testkit.Patience, "the page", func() error {
			page, err := get(c.IP(t), 8081)
			if err == nil && page != "good morning\n" {
				err = fmt.Errorf("it is %q", page)
			}
			return err
		})
		if out, status := c.Exec(t, "sh", "-c", "echo 'PHP_WORKERS=0' >/etc/slipway/env.d/php.env; slipway render"); status != 65 || !strings.Contains(out, "PHP_WORKERS") {
			t.Errorf("no worker at all: status %d, %s", status, out)
		}
	})

	c.Stop(t, testkit.Patience)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("status %d after docker stop, want 0", status)
	}
	logs := c.Logs(t)
	for _, want := range []string{
		"a page was asked for", `"GET / HTTP/1.1" 200`, "tidy: removed /tmp/upload-1", // what programs say
		"exiting, bye-bye!",              // php has ended by itself
		"stopped: nginx (exit status 0)", // so has nginx
	} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log has no %q:\n%s", want, logs)
		}
	}
}

// The page shows what the example has.
func TestPageOfPHP(t *testing.T) {
	const page = "docs/how-to/php-fpm-nginx.md"
	files := map[string]string{
		"ini": "etc/slipway/conf.d/web.conf", "nginx": "etc/slipway/templates/etc/nginx/conf.d/site.conf.tmpl",
		"conf": "etc/slipway/templates/etc/php/8.2/fpm/php-fpm.conf.tmpl", "dockerfile": "Dockerfile",
	}
	blocks := testkit.Blocks(t, page, t.Name())
	if len(blocks) < len(files) {
		t.Errorf("the page has %d blocks of the example, want %d at least", len(blocks), len(files))
	}
	for _, b := range blocks {
		text, err := os.ReadFile(files[b.Lang])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), b.Text) {
			t.Errorf("%s has no such lines:\n%s", files[b.Lang], b.Text)
		}
	}
}
