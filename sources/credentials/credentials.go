// Package credentials is the source of the folder that the variable
// CREDENTIALS_DIRECTORY names: what systemd, and container managers that follow its
// container interface, hand over as one file per secret.
//
// The variable of a file is its name in upper case, with _ for everything that is no
// letter and no digit: db.password gives DB_PASSWORD. Line breaks at the end of a file
// do not count. Package secretdir, which reads the folder, has the details.
package credentials

import (
	"fmt"
	"path/filepath"
	"strings"

	"slipway/sources"
	"slipway/sources/secretdir"
)

// Source is the name of this source.
const Source = "credentials"

// Variable names the folder; see systemd.exec(5).
const Variable = "CREDENTIALS_DIRECTORY"

// Folder is the folder that the captured environment names, or "".
func Folder(environ []string) string {
	for _, e := range environ { // the first one holds, as for getenv(3)
		if dir, ok := strings.CutPrefix(e, Variable+"="); ok {
			return dir
		}
	}
	return ""
}

// Read reads the folder, below root. Without the variable, and without the folder, there
// are no credentials, which is no error. Every file that cannot be read is one; the
// layer has the others.
func Read(environ []string, root string) (sources.Layer, []sources.Note, error) {
	dir := Folder(environ)
	if dir == "" {
		return sources.Layer{Source: Source}, nil, nil
	}
	if !filepath.IsAbs(dir) {
		return sources.Layer{Source: Source}, nil, fmt.Errorf("cannot read credentials: expected an absolute path in %s, got %q", Variable, dir)
	}
	return secretdir.Read([]string{dir}, secretdir.Options{Source: Source, Root: root})
}
