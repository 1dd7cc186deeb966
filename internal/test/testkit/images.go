package testkit

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// DebianImage is Debian 12's minimal system, made by this machine's debootstrap
// from this machine's package source, since there is no registry to pull from.
// The name ends in a version: raise it when the way of making it changes.
const DebianImage = "slipway-test/debian:bookworm-2"

// Debian makes DebianImage unless the engine has it. The first time takes about
// a minute; test processes that ask at the same time wait for one another.
func Debian(t testing.TB) {
	t.Helper()
	Need(t, Docker, Root)
	unlock, err := lock(filepath.Join(CacheDir(t, "images"), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if hasImage(t, DebianImage) {
		return
	}
	Need(t, "debootstrap")
	begin := time.Now()
	// Not t.TempDir: its removal would trip over what a broken debootstrap
	// leaves mounted.
	root, err := os.MkdirTemp("", "slipway-debian-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	command(t, 10*time.Minute, "debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian")
	for _, dir := range []string{"var/cache/apt/archives", "var/lib/apt/lists"} {
		if err := os.RemoveAll(filepath.Join(root, dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, dir, "partial"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copyAptSources(t, root)
	for name, text := range aptHabits {
		if err := (File{Text: text}).put(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	command(t, 3*time.Minute, "sh", "-c", `tar -C "$1" --exclude=./dev --exclude=./proc --exclude=./sys -c . | docker import - "$2"`, "sh", root, DebianImage)
	t.Logf("image %s made in %v", DebianImage, time.Since(begin).Round(time.Second))
}

// aptHabits are what Debian's own image has, too: packages are unpacked without a flush of each
// file, which is thrown away with the container if it fails, and neither they nor apt's caches
// stay in the image. A desktop of 93 packages has 265 MB with them, and 410 MB without.
var aptHabits = map[string]string{
	"etc/dpkg/dpkg.cfg.d/docker-apt-speedup": "force-unsafe-io\n",
	"etc/apt/apt.conf.d/docker-clean": `DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
`,
}

// copyAptSources makes apt in the image use Debian's sources as this machine
// does: its mirrors, its proxies, its dates.
func copyAptSources(t testing.TB, root string) {
	t.Helper()
	files, err := filepath.Glob("/etc/apt/sources.list.d/debian.sources")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 1 {
		os.Remove(filepath.Join(root, "etc/apt/sources.list"))
	}
	conf, err := filepath.Glob("/etc/apt/apt.conf.d/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range conf {
		data, err := os.ReadFile(from)
		if err == nil && strings.Contains(string(data), "Acquire::") && !strings.Contains(string(data), "DEP-11") {
			files = append(files, from)
		}
	}
	for _, from := range files {
		if err := (File{From: from, Mode: 0o644}).put(filepath.Join(root, from)); err != nil {
			t.Fatalf("cannot copy apt's configuration: %v", err)
		}
	}
}

func hasImage(t testing.TB, name string) bool {
	t.Helper()
	out, err := docker(context.Background(), "images", "-q", name)
	if err != nil {
		t.Fatalf("cannot list images: %v: %s", err, out)
	}
	return strings.TrimSpace(out) != ""
}

// command runs a command that must succeed within a bound.
func command(t testing.TB, within time.Duration, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// Busybox is the machine's static busybox, which makes a FROM scratch image an
// image one can look around in.
func Busybox(t testing.TB) string {
	t.Helper()
	Need(t, Linux, "busybox")
	path, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
