package language

import (
	"fmt"
	"path"
	"strings"
)

// fixedFolder is the folder that a destination with actions in it fixes by what stands before
// the first of them: values choose names below it, and no others.
func fixedFolder(dest string) string {
	fixed, _, _ := strings.Cut(dest, "{{")
	return path.Clean("/" + fixed[:strings.LastIndexByte(fixed, '/')+1])
}

// outside says why the file that an item chooses is none that the destination as it is
// written allows, "" if it is one.
func outside(written, chosen string) string {
	folder := fixedFolder(written)
	clean := path.Clean(chosen)
	name := path.Base(clean)
	switch {
	case !path.IsAbs(chosen):
		return "which is not an absolute path"
	case strings.ContainsFunc(chosen, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "which has a control character in it"
	case clean == folder || strings.HasSuffix(chosen, "/"):
		return "which is a folder, and no file"
	case folder != "/" && !strings.HasPrefix(clean, folder+"/"):
		return fmt.Sprintf("which is outside of %s, the folder that the section's name fixes", folder)
	case strings.HasPrefix(name, ".") && strings.Contains(name, ".slipway-"):
		return "which is a name that slipway keeps for itself"
	}
	return ""
}

// shownItem is an item of for as messages show it.
func shownItem(item any) string { return given{item}.String() }
