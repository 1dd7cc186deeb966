package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/apk" // registers itself, as the two others do
	_ "github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// formats are those of Debian, of Fedora and of Alpine.
var formats = []string{"deb", "rpm", "apk"}

// packages makes a package of each format. The executables are static: no package
// depends on another.
func (r *release) packages(a arch, list []file) error {
	var contents files.Contents
	for i, f := range list {
		source := filepath.Join(r.scratch, a.name, fmt.Sprintf("content-%d", i)) // the packager reads from files only
		if err := os.WriteFile(source, f.data, 0o644); err != nil {
			return err
		}
		contents = append(contents, &files.Content{Source: source, Destination: "/usr/" + f.path, FileInfo: &files.ContentFileInfo{
			Owner: "root", Group: "root", Mode: f.mode, MTime: r.when,
		}})
	}
	for _, dir := range []string{"/etc/slipway/conf.d", "/etc/slipway/env.d", "/etc/slipway/templates"} {
		contents = append(contents, &files.Content{Destination: dir, Type: files.TypeDir, FileInfo: &files.ContentFileInfo{
			Owner: "root", Group: "root", Mode: 0o755, MTime: r.when,
		}})
	}
	version, pre := r.build.parts()
	for _, format := range formats {
		packager, err := nfpm.Get(format)
		if err != nil {
			return err
		}
		info := nfpm.WithDefaults(&nfpm.Info{
			Name: "slipway", Arch: a.nfpm, Platform: "linux", Version: version, Prerelease: pre, VersionSchema: "none",
			Section: "admin", Priority: "optional", Maintainer: "slipway <slipway@localhost>",
			Description: "Entrypoint of container images: renders configuration, supervises programs",
			License:     licence, MTime: r.when, DisableGlobbing: true,
			Overridables: nfpm.Overridables{Contents: contents, RPM: nfpm.RPM{BuildHost: "localhost"}},
		})
		var b bytes.Buffer
		if err := packager.Package(info, &b); err != nil {
			return fmt.Errorf("cannot make the %s package for %s: %w", format, a.name, err)
		}
		name := fmt.Sprintf("slipway_%s_linux_%s.%s", r.build.file(), a.name, format)
		if err := os.WriteFile(filepath.Join(r.out, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// licence is what packages say of slipway's own licence. The owner has not chosen one
// yet; a file LICENSE at the top of the repository goes into every package.
const licence = "not chosen yet"
