package attacks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/internal/test/testkit"
)

const image = "slipway-test/attacks"

// attacker is the attackers' executable, static.
var attacker = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "attacker")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "attacker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./attacker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	os.Stderr.Write(out)
	return path, err
})

// TestMain removes what attacker has made.
func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := attacker(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// build makes the image that is attacked; users 1000 and 1001 are strangers in it.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Linux, testkit.Docker)
	if testing.Short() {
		t.Skip("starts containers")
	}
	tool, err := attacker()
	if err != nil {
		t.Fatalf("cannot build the attackers: %v", err)
	}
	bins := testkit.Binaries(t)
	testkit.Build(t, image, testkit.Context{
		"Dockerfile": {Text: strings.Join([]string{
			"FROM scratch",
			"COPY root/ /",
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /tmp /run /etc/slipway/conf.d && chmod 1777 /tmp && mkdir /tmp/slipway-0 && chown 1000:1000 /tmp/slipway-0"]`,
			"ENV PATH=/usr/local/bin:/bin",
			`ENTRYPOINT ["slipway"]`,
		}, "\n") + "\n"},
		"root/bin/busybox":                {From: testkit.Busybox(t), Mode: 0o755},
		"root/usr/local/bin/slipway":      {From: bins.Slipway},
		"root/usr/local/bin/slipway-init": {From: bins.Init},
		"root/usr/local/bin/attacker":     {From: tool, Mode: 0o755},
		"root/etc/passwd":                 {Text: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\neve:x:1000:1000:eve:/:/bin/sh\n"},
		"root/etc/group":                  {Text: "root:x:0:\nnobody:x:65534:\neve:x:1000:\n"},
	})
}

// filters are the system call filters that the attacks run under: what a container has
// by default, and none at all.
var filters = []struct {
	name  string
	flags []string
}{
	{"default seccomp", nil},
	{"without seccomp", []string{"--security-opt", "seccomp=unconfined"}},
}

// victim starts slipway with a configuration; web, the program of root that is attacked, is
// part of every one.
func victim(t *testing.T, ini string, flags ...string) *testkit.Container {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.conf")
	ini = "[program:web]\ncommand=/bin/sleep 100000\n" + ini
	if err := os.WriteFile(path, []byte(ini), 0o644); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: append(flags, "-v", path+":/etc/slipway/conf.d/test.conf:ro")})
	alive(t, c)
	return c
}
