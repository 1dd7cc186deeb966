// Package image_test installs a release in every way that docs/install.md shows, from the
// blocks of that page.
package image_test

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

const page = "docs/install.md"

// asset is the one file of the release whose name ends so.
func asset(t *testing.T, suffix string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(testkit.Release(t), "slipway_*_linux_amd64"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files of the release end in %s (%v), want one", len(found), suffix, err)
	}
	return found[0]
}

// install builds the image of a block with one file of the release. The page names
// images of a registry; base takes the place of the one that it is FROM.
func install(t *testing.T, base, suffix string) string {
	t.Helper()
	file := asset(t, suffix)
	lines := strings.SplitAfterN(testkit.OneBlock(t, page, t.Name()), "\n", 2)
	if !strings.HasPrefix(lines[0], "FROM ") {
		t.Fatalf("the block of %s begins with %q, want FROM", t.Name(), lines[0])
	}
	tag := "slipway-test/" + strings.ToLower(t.Name())
	testkit.Build(t, tag, testkit.Context{
		"Dockerfile":        {Text: "FROM " + base + "\n" + lines[1]},
		filepath.Base(file): {From: file, Mode: 0o644},
	})
	return tag
}

// wantVersion runs an image and expects what the released executable says of itself.
func wantVersion(t *testing.T, image string) {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("tar", "-xzf", asset(t, ".tar.gz"), "-C", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	want, err := exec.Command(filepath.Join(dir, "bin/slipway"), "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := testkit.MustDocker(t, "run", "--rm", image, "version")
	if got != string(want) || strings.Contains(got, "devel") {
		t.Errorf("slipway version = %q, want %q, a version", got, want)
	}
}

func TestInstallDebian(t *testing.T) {
	testkit.Debian(t)
	image := install(t, testkit.DebianImage, ".deb")
	wantVersion(t, image)
	out := testkit.MustDocker(t, "run", "--rm", "--entrypoint", "sh", image, "-ec",
		"dpkg -s slipway; ls /usr/bin/slipway-init /usr/bin/slipway-source-etcd /usr/share/bash-completion/completions/slipway; zcat /usr/share/man/man1/slipway-run.1.gz; dpkg -r slipway")
	for _, want := range []string{"Status: install ok installed", ".SH EXIT STATUS", "Removing slipway"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestInstallRPM(t *testing.T) {
	testkit.Debian(t)
	const rpm = "slipway-test/rpm"
	testkit.Build(t, rpm, testkit.Context{"Dockerfile": {Text: "FROM " + testkit.DebianImage + "\n" +
		"RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends rpm >/dev/null && rm -rf /var/lib/apt/lists/*\n"}})
	image := install(t, rpm, ".rpm")
	wantVersion(t, image)
	out := testkit.MustDocker(t, "run", "--rm", "--entrypoint", "sh", image, "-ec", "rpm -V slipway && rpm -ql slipway && rpm -e slipway")
	if !strings.Contains(out, "/usr/bin/slipway-init\n") {
		t.Errorf("rpm -ql does not list slipway-init:\n%s", out)
	}
}

// busybox makes an image that has a shell and nothing else.
func busybox(t *testing.T) string {
	t.Helper()
	testkit.Need(t, testkit.Docker)
	const tag = "slipway-test/busybox"
	testkit.Build(t, tag, testkit.Context{
		"bin/busybox": {From: testkit.Busybox(t), Mode: 0o755},
		"Dockerfile": {Text: "FROM scratch\nCOPY bin/ /bin/\n" +
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir /tmp /run"]` + "\nENV PATH=/usr/local/bin:/bin\n"},
	})
	return tag
}

func TestInstallTarball(t *testing.T) {
	image := install(t, busybox(t), ".tar.gz")
	wantVersion(t, image)
	out := testkit.MustDocker(t, "run", "--rm", image, "sh", "-c", "cat /usr/local/share/doc/slipway/THIRD-PARTY-LICENSES; echo /usr/local/share/*/*/*slipway*")
	for _, want := range []string{"github.com/spf13/cobra", "Apache-2.0", "std 1.", "/usr/local/share/bash-completion/completions/slipway"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, last(out))
		}
	}
}

func TestInstallScratch(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root, "git", "make")
	testkit.Debian(t)
	testkit.Release(t) // of the same commit, even if the build takes long
	dir := t.TempDir()
	testkit.BuildDir(t, "slipway-test/source", checkout(t), "--build-arg", "GO_IMAGE="+goImage(t), "--build-arg", "GOPROXY=off", "--network=none")
	write(t, filepath.Join(dir, "app.conf"), "[program:app]\ncommand = /usr/local/bin/slipway version\nstartsecs = 0\non_exit = shutdown\n")
	write(t, filepath.Join(dir, "Dockerfile"), strings.Replace(testkit.OneBlock(t, page, t.Name()), "FROM slipway ", "FROM slipway-test/source ", 1))
	testkit.BuildDir(t, "slipway-test/scratch", dir)
	wantVersion(t, "slipway-test/scratch")
	c := testkit.Run(t, testkit.RunOptions{Image: "slipway-test/scratch"})
	if got := c.ExitStatus(t, testkit.Patience); got != 0 {
		t.Errorf("the container ends with %d, want 0", got)
	}
	if out := c.Logs(t); !strings.Contains(out, "slipway v") {
		t.Errorf("the program has printed no version:\n%s", out)
	}
}

// checkout is a clone of the commit that is checked out: a build context with a repository.
func checkout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "source")
	if out, err := exec.Command("git", "clone", "-q", "--no-hardlinks", testkit.Module(t), dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	return dir
}

// goImage makes what golang:1.26 is for those with a registry, with the modules of
// slipway in its module cache.
func goImage(t *testing.T) string {
	t.Helper()
	goroot := goEnv(t, "GOROOT")
	dockerfile := filepath.Join(t.TempDir(), "Dockerfile")
	write(t, dockerfile, "FROM "+testkit.DebianImage+"\n"+
		"RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make git >/dev/null && rm -rf /var/lib/apt/lists/*\n"+
		"COPY bin/ /usr/local/go/bin/\nCOPY pkg/ /usr/local/go/pkg/\nCOPY src/ /usr/local/go/src/\nCOPY go.env VERSION /usr/local/go/\n"+
		"ENV PATH=/usr/local/go/bin:/usr/bin:/bin GOMODCACHE=/go/pkg/mod\n")
	testkit.BuildDir(t, "slipway-test/go", goroot, "-f", dockerfile)

	dir := t.TempDir()
	modules := filepath.Join(dir, "mod")
	cmd := exec.Command("go", "list", "-deps", "./cmd/...") // reads, so downloads, what a build needs
	cmd.Dir = testkit.Module(t)
	cmd.Env = append(os.Environ(), "GOMODCACHE="+modules, "GOFLAGS=-modcacherw", "GONOSUMDB=*",
		"GOPROXY=file://"+filepath.Join(goEnv(t, "GOMODCACHE"), "cache/download"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot collect the modules: %v\n%s", err, last(string(out)))
	}
	write(t, filepath.Join(dir, "Dockerfile"), "FROM slipway-test/go\nCOPY mod/ /go/pkg/mod/\n")
	testkit.BuildDir(t, "slipway-test/go-modules", dir)
	return "slipway-test/go-modules"
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestInstallHere(t *testing.T) {
	testkit.Need(t, testkit.Docker) // for a run that asks for more than Go
	dir, file := t.TempDir(), asset(t, ".tar.gz")
	if err := os.MkdirAll(filepath.Join(dir, ".local"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-euc", testkit.OneBlock(t, page, t.Name()))
	cmd.Dir, cmd.Env = filepath.Dir(file), append(os.Environ(), "HOME="+dir)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "slipway v") {
		t.Errorf("the block ends with %v, prints %q, want a version", err, out)
	}
}

// An apk is three gzipped tars, one after the other; there is no Alpine here to ask.
func TestPackageOfAlpine(t *testing.T) {
	testkit.Need(t, testkit.Docker)
	f, err := os.Open(asset(t, ".apk"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for {
		z.Multistream(false)
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if err != nil {
				break // the parts have no end marks
			}
			text := ""
			if h.Name == ".PKGINFO" {
				data, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				text = string(data)
			}
			found[h.Name] = text
		}
		if _, err := io.Copy(io.Discard, z); err != nil {
			t.Fatal(err)
		}
		if err := z.Reset(in); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if info := found[".PKGINFO"]; !strings.Contains(info, "pkgname = slipway\n") || !strings.Contains(info, "arch = x86_64\n") {
		t.Errorf(".PKGINFO = %q", info)
	}
	if _, ok := found["usr/bin/slipway-init"]; !ok {
		t.Errorf("there is no usr/bin/slipway-init, only %d others", len(found))
	}
}

// Two releases of one commit are the same bytes, wherever they are made.
func TestReleaseIsReproducible(t *testing.T) {
	testkit.Need(t, testkit.Docker)
	first := testkit.Release(t)
	second := filepath.Join(t.TempDir(), "dist")
	if err := testkit.MakeRelease(checkout(t), second); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sha256sum", "-c", "--quiet", filepath.Join(first, "SHA256SUMS"))
	cmd.Dir = second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the second release is not the first: %v\n%s", err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// last is the end of a long text.
func last(s string) string { return s[max(0, len(s)-2000):] }
