// Package version says which slipway this is, from what the Go tool recorded in
// the executable. Nothing is stamped in by linker flags, so that two builds of
// one revision are the same file.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Info is what is known of this build.
type Info struct {
	Version  string `json:"version"`            // of the module, "devel" in a working tree
	Revision string `json:"revision,omitempty"` // of the repository
	Time     string `json:"time,omitempty"`     // of that revision, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the working tree differed from it
	Go       string `json:"go"`                 // the version of Go that it was built with
	Platform string `json:"platform"`           // GOOS/GOARCH
}

// Get reads the build information of the running executable.
func Get() Info {
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return of(&debug.BuildInfo{})
	}
	return of(bi)
}

func of(bi *debug.BuildInfo) Info {
	i := Info{Version: bi.Main.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	for _, s := range bi.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Revision = s.Value
		case "vcs.time":
			i.Time = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
	if i.Version == "" || i.Version == "(devel)" {
		i.Version = "devel"
	}
	return i
}

// String is one line: slipway v1.2.3 (0123456789ab, 2026-11-29, modified) go1.26.8 linux/amd64.
// The date is that of the commit.
func (i Info) String() string {
	s := "slipway " + i.Version
	if i.Revision != "" {
		s += " (" + i.Revision[:min(12, len(i.Revision))]
		if date, _, ok := strings.Cut(i.Time, "T"); ok {
			s += ", " + date
		}
		if i.Modified {
			s += ", modified"
		}
		s += ")"
	}
	return s + " " + i.Go + " " + i.Platform
}

// Supervisor is the release of Supervisor whose interface slipway has: what
// supervisord -v prints and XML-RPC clients are told. Scripts compare it.
const Supervisor = "4.2.5"
