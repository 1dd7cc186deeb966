package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// executables are what a release installs.
var executables = []string{"slipway", "slipway-init", "slipway-source-etcd"}

// arch is an architecture that is released.
type arch struct {
	name string   // of our files
	env  []string // of the Go tool
	nfpm string   // for the packager, which knows each format's own word
}

func archOf(name string) (arch, error) {
	switch name {
	case "amd64", "arm64":
		return arch{name, []string{"GOOS=linux", "GOARCH=" + name}, name}, nil
	case "armv7":
		return arch{name, []string{"GOOS=linux", "GOARCH=arm", "GOARM=7"}, "arm7"}, nil
	}
	return arch{}, fmt.Errorf("cannot build for %q: expected amd64, arm64 or armv7", name)
}

// checkOut makes the source that of the commit that is checked out: a release has
// nothing in it that is not committed. Go also does not read the commit of a work tree.
func (r *release) checkOut() error {
	clean := filepath.Join(r.scratch, "source")
	if out, err := exec.Command("git", "clone", "-q", "--shared", r.root, clean).CombinedOutput(); err != nil {
		return fmt.Errorf("cannot check out the commit of %s: %w\n%s", r.root, err, out)
	}
	if out, err := exec.Command("git", "-C", r.root, "status", "--porcelain").Output(); err == nil && len(out) > 0 {
		fmt.Fprintf(os.Stderr, "dist: note: the release is that of the last commit, without these changes:\n%s", out)
	}
	r.root = clean
	return nil
}

// compile makes the executables in dir by the Makefile, which alone knows how they are
// linked. The commit is in them, whatever GOFLAGS says; a tree without a repository has none.
func (r *release) compile(dir string, env ...string) error {
	cmd := exec.Command("make", "-s", "-C", r.root, "build", "BIN="+dir)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the executables: %w\n%s", err, out)
	}
	return nil
}

// build is what slipway version --output json prints, as far as it concerns a release.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Time     string `json:"time"`
	Modified bool   `json:"modified"`
}

func askVersion(slipway string) (build, error) {
	var b build
	out, err := exec.Command(slipway, "version", "--output", "json").Output()
	if err == nil {
		err = json.Unmarshal(out, &b)
	}
	if err != nil {
		return build{}, fmt.Errorf("cannot ask %s for its version: %w", slipway, err)
	}
	return b, nil
}

// when is the time that all files get: that of the commit, or SOURCE_DATE_EPOCH.
func (b build) when(epoch string) (time.Time, error) {
	if epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("cannot read SOURCE_DATE_EPOCH: expected seconds, got %q", epoch)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	if b.Time == "" {
		return time.Time{}, fmt.Errorf("cannot tell the date of the release: this is no git checkout; set SOURCE_DATE_EPOCH to the seconds since 1970")
	}
	t, err := time.Parse(time.RFC3339, b.Time)
	return t.UTC(), err
}

// release and pre are the two parts of the version in all formats: of a tag v1.2.3-rc1
// they are 1.2.3 and rc1, of a commit without a tag 0.0.0 and git20261129003300, since
// no format but Go's allows the hash there.
func (b build) parts() (release, pre string) {
	v, _, _ := strings.Cut(strings.TrimPrefix(b.Version, "v"), "+")
	release, pre, _ = strings.Cut(v, "-")
	if release == "devel" {
		release = "0.0.0"
	}
	// v1.2.4-0.20261129003300-0123456789ab, v1.2.3-rc1.0.2026…: a commit after a tag.
	if words := strings.Split(pre, "-"); len(words) == 2 {
		stamp := words[0][strings.LastIndex(words[0], ".")+1:]
		if len(stamp) == 14 {
			pre = "git" + stamp
		}
	}
	return release, pre
}

// file is the version in the names of files.
func (b build) file() string {
	release, pre := b.parts()
	if pre == "" {
		return release
	}
	return release + "-" + pre
}
