// Package tomcat_test builds the image stack of this example and runs it.
package tomcat_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// The stack, each image FROM the one before it. A Dockerfile names the image
// below by the same name.
var stack = []string{"base", "jdk", "tomcat", "webapp", "sshd", "classic"}

// image is the name of a layer's image.
func image(layer string) string { return "slipway-example/" + layer }

// build makes the images up to and including the wanted layers. What did not
// change is in the engine's cache.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Docker, testkit.Root, testkit.Linux)
	testkit.Debian(t)
	bins := testkit.Binaries(t)
	for _, layer := range stack {
		files := testkit.Tree(t, layer)
		if layer == "base" {
			files["slipway"] = testkit.File{From: bins.Slipway}
			files["slipway-init"] = testkit.File{From: bins.Init}
			files["slipway-source-etcd"] = testkit.File{From: bins.SourceEtcd}
		}
		testkit.Build(t, image(layer), files, "--build-arg", "DEBIAN="+testkit.DebianImage)
	}
	buildES(t)
}

// buildES makes the image of the search index: one static file.
func buildES(t *testing.T) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "es")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, "./es")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build es: %v\n%s", err, out)
	}
	testkit.Build(t, image("es"), testkit.Context{
		"Dockerfile": {From: "es/Dockerfile"},
		"es":         {From: bin},
	})
}

// startLinked starts an index and a container linked to it, and returns both.
func startLinked(t *testing.T, layer string, flags ...string) (es, app *testkit.Container) {
	t.Helper()
	es = testkit.Run(t, testkit.RunOptions{Image: image("es")})
	flags = append(flags, "--link", es.ID+":elasticsearch")
	return es, testkit.Run(t, testkit.RunOptions{Flags: flags, Image: image(layer)})
}

// page fetches the web application's page, waiting until Tomcat has deployed it.
func page(t *testing.T, c *testkit.Container) string {
	t.Helper()
	url := "http://" + c.IP(t) + ":8080/"
	var body string
	testkit.Eventually(t, testkit.Patience, "the page", func() error {
		var err error
		body, err = get(url)
		return err
	})
	return body
}

func get(url string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", resp.Status, body)
	}
	return string(body), nil
}

// wantPage is what the JSP prints for an index and a level.
func wantPage(t *testing.T, es *testkit.Container, level string) string {
	t.Helper()
	return wantPageAt(t, es.IP(t), es, level)
}

// wantPageAt is wantPage for an index that is found at an address.
func wantPageAt(t *testing.T, address string, es *testkit.Container, level string) string {
	t.Helper()
	return fmt.Sprintf("search address: %s\nsearch answers: {\"name\": %q}\nlog level: %s",
		address, es.Inspect(t, "{{.Config.Hostname}}"), level)
}

// TestStack is the main job, end to end: settings and a link in, rendered files,
// the programs of all layers, an orderly end.
func TestStack(t *testing.T) {
	build(t)
	es, app := startLinked(t, "sshd", "-e", "LOG_LEVEL=WARN")
	if got, want := page(t, app), wantPage(t, es, "WARN"); got != want {
		t.Fatalf("page is\n%swant\n%s", got, want)
	}

	t.Run("programs of all layers", func(t *testing.T) {
		top := app.Top(t)
		if len(top) == 0 || !strings.Contains(top[0], "slipway-init") {
			t.Errorf("PID 1 of %q is not slipway-init", top)
		}
		for _, want := range []string{"org.apache.catalina.startup.Bootstrap", "/usr/sbin/sshd"} {
			if !strings.Contains(strings.Join(top, "\n"), want) {
				t.Errorf("%q does not run; processes are %q", want, top)
			}
		}
		if got := app.MustExec(t, "cat", "/proc/1/comm"); got != "slipway-init\n" {
			t.Errorf("PID 1 is called %q, want slipway-init", got)
		}
	})

	rendered := []string{"/etc/default/tomcat10", "/etc/webapp/log4j.properties"}
	before := contents(t, app, rendered)

	t.Run("restart leaves files as they were", func(t *testing.T) {
		app.Restart(t)
		if got, want := page(t, app), wantPage(t, es, "WARN"); got != want {
			t.Errorf("page after restart is\n%swant\n%s", got, want)
		}
		if after := contents(t, app, rendered); after != before {
			t.Errorf("files after restart are\n%swant\n%s", after, before)
		}
	})

	t.Run("stop is orderly", func(t *testing.T) {
		// Whoever ends only by the KILL after the grace has no status 0.
		app.Stop(t, time.Minute)
		if status := app.ExitStatus(t, testkit.Patience); status != 0 {
			t.Errorf("exit status after docker stop is %d, want 0", status)
		}
		log := app.Logs(t)
		for _, want := range []string{"Stopping service [Catalina]", "Destroying ProtocolHandler"} {
			if !strings.Contains(log[strings.LastIndex(log, "Server startup in"):], want) {
				t.Errorf("log does not end with Tomcat's own shutdown: no %q", want)
			}
		}
	})
}

// contents is what the files hold, and whose they are.
func contents(t *testing.T, c *testkit.Container, files []string) string {
	t.Helper()
	return c.MustExec(t, append([]string{"stat", "-c", "%n %a %U %s"}, files...)...) +
		c.MustExec(t, append([]string{"cat"}, files...)...)
}

// TestClassic runs Supervisor's files as they were written, Tomcat started in
// the background by an init script, by the old command line.
func TestClassic(t *testing.T) {
	build(t)
	es, app := startLinked(t, "classic")
	got := page(t, app)
	want := wantPage(t, es, "DEBUG") // log4j's own default: nothing configures it here
	if got != want {
		t.Errorf("page is\n%swant\n%s", got, want)
	}
	if log := app.Logs(t); !strings.Contains(log, "spawned: 'webapp' with pid") {
		t.Errorf("the log is not Supervisor's:\n%s", log)
	}
	app.Stop(t, time.Minute)
	if status := app.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("exit status after docker stop is %d, want 0", status)
	}
}
