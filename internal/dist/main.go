// Command dist makes what a release consists of, in one folder: a tarball, a .deb, a
// .rpm and an .apk for each architecture, each with completions and man pages, a list of
// the parts (CycloneDX), the licences of others, and SHA256SUMS. Of one commit it always
// makes the same bytes. `make dist` calls it.
//
// It is a module of its own, so that what writes packages is nothing that slipway depends
// on.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.root, "root", "../..", "the `folder` of the source")
	flag.StringVar(&o.out, "o", "dist", "the `folder` to write")
	arches := flag.String("arch", "amd64,arm64,armv7", "the architectures")
	flag.Parse()
	o.arches = strings.Split(*arches, ",")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "dist: error:", err)
		os.Exit(1)
	}
}

type options struct {
	root   string
	out    string
	arches []string
}

// release is what all files of one release have in common.
type release struct {
	root    string
	out     string
	scratch string // for what is not released
	build   build  // what the executables say of themselves
	when    time.Time
}

func run(o options) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	out, err := filepath.Abs(o.out)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "slipway-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	r := &release{root: root, out: out, scratch: scratch}
	if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
		if err := r.checkOut(); err != nil {
			return err
		}
	}

	// This machine's own build: it says which version this is, and prints its help.
	own := filepath.Join(scratch, "own")
	if err := r.compile(own); err != nil {
		return err
	}
	if r.build, err = askVersion(filepath.Join(own, "slipway")); err != nil {
		return err
	}
	if r.when, err = r.build.when(os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	shared, err := r.texts(filepath.Join(own, "slipway"))
	if err != nil {
		return err
	}
	modules, err := r.modules(own)
	if err != nil {
		return err
	}
	licences := licenceText(modules)
	shared = append(shared, file{path: "share/doc/slipway/THIRD-PARTY-LICENSES", data: licences, mode: 0o644})
	for _, name := range o.arches {
		a, err := archOf(name)
		if err != nil {
			return err
		}
		if err := r.pack(a, shared); err != nil {
			return err
		}
	}
	bill, err := r.bill(modules)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"sbom.cdx.json": bill, "THIRD-PARTY-LICENSES": licences} {
		if err := os.WriteFile(filepath.Join(out, name), data, 0o644); err != nil {
			return err
		}
	}
	return sums(out)
}

// pack makes the tarball and the packages of one architecture.
func (r *release) pack(a arch, shared []file) error {
	dir := filepath.Join(r.scratch, a.name)
	if err := r.compile(dir, a.env...); err != nil {
		return err
	}
	files := make([]file, 0, len(executables)+len(shared))
	for _, name := range executables {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		files = append(files, file{path: "bin/" + name, data: data, mode: 0o755})
	}
	files = append(files, shared...)
	tarball := filepath.Join(r.out, fmt.Sprintf("slipway_%s_linux_%s.tar.gz", r.build.file(), a.name))
	if err := writeTarball(tarball, files, r.when); err != nil {
		return err
	}
	return r.packages(a, files)
}
