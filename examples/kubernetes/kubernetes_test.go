// Package kubernetes_test checks the manifests of this example, and runs its image as a
// kubelet would.
package kubernetes_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// validator builds the program that knows the types of Kubernetes' API.
func validator(t *testing.T) string {
	t.Helper()
	testkit.Need(t, testkit.Docker) // as a sign that more than Go is wanted: it downloads modules
	path := filepath.Join(t.TempDir(), "manifests")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Dir = filepath.Join(testkit.Module(t), "internal/test/manifests")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the validator: %v\n%s", err, out)
	}
	return path
}

func TestManifests(t *testing.T) {
	check := validator(t)
	if out, err := exec.Command(check, "app.yaml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	text, err := os.ReadFile("app.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	write(t, wrong, strings.Replace(string(text), "readOnlyRootFilesystem", "readonlyRootFilesystem", 1))
	out, err := exec.Command(check, wrong).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `document 4: `) || !strings.Contains(string(out), "readonlyRootFilesystem") {
		t.Errorf("a field that there is not: %v, %s; want it refused", err, out)
	}
}

const image = "slipway-test/kubernetes"

// build makes the image of the example: busybox has the web server.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Docker)
	bins := testkit.Binaries(t)
	files := testkit.Tree(t, "image")
	context := testkit.Context{
		"root/bin/busybox":                {From: testkit.Busybox(t), Mode: 0o755},
		"root/usr/local/bin/slipway":      {From: bins.Slipway},
		"root/usr/local/bin/slipway-init": {From: bins.Init},
		"Dockerfile": {Text: "FROM scratch\nCOPY root/ /\n" +
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /work /run/slipway /config /secrets"]` + "\n" +
			"ENV PATH=/usr/local/bin:/bin\nENTRYPOINT [\"slipway\"]\n"},
	}
	for path, f := range files {
		context["root/"+path] = f
	}
	testkit.Build(t, image, context)
}

// volume is a folder as the kubelet mounts ConfigMaps: the files are links into ..data,
// which is a link to a folder that is made anew for each change.
type volume struct {
	dir  string
	made int
}

func (v *volume) set(t *testing.T, name, text string) {
	t.Helper()
	v.made++
	now := fmt.Sprintf("..2026_11_%02d", v.made)
	if err := os.Mkdir(filepath.Join(v.dir, now), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(v.dir, now, name), text)
	next := filepath.Join(v.dir, "..data_tmp")
	if err := os.Symlink(now, next); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(v.dir, "..data")); err != nil {
		t.Fatal(err)
	}
	if v.made == 1 {
		if err := os.Symlink("..data/"+name, filepath.Join(v.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// newVolume is a folder that any user can read.
func newVolume(t *testing.T) *volume {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &volume{dir: dir}
}

// emptyDir is a folder that any user can write to, as the kubelet makes it.
func emptyDir(t *testing.T) string {
	t.Helper()
	v := newVolume(t)
	if err := os.Chmod(v.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return v.dir
}

// pod is what the Deployment asks the kubelet for.
func pod(t *testing.T, config, secrets *volume) testkit.RunOptions {
	t.Helper()
	return testkit.RunOptions{Image: image, Flags: []string{
		"--user", "1000650000:0", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"-v", emptyDir(t) + ":/work", "-v", emptyDir(t) + ":/run/slipway",
		"-v", config.dir + ":/config:ro", "-v", secrets.dir + ":/secrets:ro",
		// enableServiceLinks, for the Service web and one that is called slipway.
		"-e", "WEB_SERVICE_HOST=10.96.0.7", "-e", "WEB_SERVICE_PORT=80", "-e", "WEB_PORT=tcp://10.96.0.7:80",
		"-e", "SLIPWAY_SERVICE_HOST=10.96.0.8", "-e", "SLIPWAY_PORT=tcp://10.96.0.8:80",
	}}
}

func TestPod(t *testing.T) {
	build(t)
	config, secrets := newVolume(t), newVolume(t)
	config.set(t, "10-web.env", "GREETING=hello\n")
	secrets.set(t, "TOKEN", "hunter2")
	c := testkit.Run(t, pod(t, config, secrets))
	testkit.Eventually(t, testkit.Patience, "the probe succeeds", func() error {
		if out, status := c.Exec(t, "slipway", "healthcheck"); status != 0 {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
	page := func(want string) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, "the page says "+want, func() error {
			if out, status := c.Exec(t, "wget", "-qO-", "http://127.0.0.1:8080/"); status != 0 || out != want+"\n" {
				return fmt.Errorf("status %d: %q", status, out)
			}
			return nil
		})
	}
	page("hello")
	if got := c.MustExec(t, "stat", "-c", "%a %u:%g", "/work/web.conf"); got != "600 1000650000:0\n" {
		t.Errorf("the file with the secret has %q, want 600 of the user", got)
	}
	config.set(t, "10-web.env", "GREETING=goodbye\n")
	page("goodbye")
	c.Stop(t, testkit.Patience)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("the pod ends with %d, want 0", status)
	}
	for _, not := range []string{"hunter2", "no setting of slipway"} {
		if logs := c.Logs(t); strings.Contains(logs, not) {
			t.Errorf("%q is in the log:\n%s", not, logs)
		}
	}
}

// A start that fails: its last lines are what kubectl describe shows.
func TestPodThatCannotStart(t *testing.T) {
	build(t)
	config, secrets := newVolume(t), newVolume(t)
	config.set(t, "10-web.env", "OTHER=1\n")
	secrets.set(t, "TOKEN", "hunter2")
	c := testkit.Run(t, pod(t, config, secrets))
	if status := c.ExitStatus(t, testkit.Patience); status != 65 {
		t.Errorf("the pod ends with %d, want 65", status)
	}
	if logs := c.Logs(t); !strings.Contains(logs, "GREETING") || strings.Contains(logs, "hunter2") {
		t.Errorf("the log does not name GREETING, or has the secret:\n%s", logs)
	}
}

// The page shows what the example has.
func TestPageOfKubernetes(t *testing.T) {
	text, err := os.ReadFile("app.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range testkit.Blocks(t, "docs/how-to/kubernetes.md", t.Name()) {
		if !strings.Contains(string(text), b.Text) {
			t.Errorf("app.yaml has no such lines:\n%s", b.Text)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
