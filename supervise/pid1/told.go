package pid1

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
)

const help = `slipway-init is the supervisor: what slipway run becomes after it has rendered.

USAGE
  slipway-init run         [-c FILE] [OPTION...] [-- COMMAND ARGUMENTS...]
  slipway-init supervisord [-c FILE] [OPTION...]

People call slipway and supervisord, which call it. The options are those of supervisord
that set a key of [supervisord], long (--loglevel=debug) or as a letter (-e debug).

EXIT STATUS
  0      done: it was stopped in order, or all its programs ended well
  2      the command line is wrong
  70     an internal error
  78     the configuration is wrong
  other  the status of the program that ended it, 128+n if signal n killed that
`

// told is what somebody who asks for help or for the version is told; "" for a command
// line that asks for neither.
func told(args []string) string {
	if len(args) != 2 {
		return ""
	}
	switch args[1] {
	case "-h", "--help", "help":
		return help
	case "-v", "--version", "version":
		exe, _ := os.ReadFile("/proc/self/exe") // without it the version is not known
		return versionIn(exe) + "\n"
	}
	return ""
}

// versionIn reads the version that the Go tool has written into an executable. Package
// runtime/debug would tell it too, and bring fmt into PID 1.
func versionIn(exe []byte) string {
	version := "slipway-init devel"
	info := buildInfo(exe)
	if v := setting(info, "\nmod\tslipway\t"); v != "" && v != "(devel)" {
		version = "slipway-init " + v
	}
	if commit := setting(info, "\nbuild\tvcs.revision="); commit != "" {
		date, _, _ := strings.Cut(setting(info, "\nbuild\tvcs.time="), "T")
		version += " (" + commit[:min(12, len(commit))] + ", " + date + ")"
	}
	return version
}

// setting is what follows key, up to the end of a field.
func setting(info, key string) string {
	_, after, _ := strings.Cut(info, key)
	if i := strings.IndexAny(after, "\t\n"); i >= 0 {
		return after[:i]
	}
	return ""
}

// buildInfo is the text that the Go tool has put into an executable; see the format in
// package debug/buildinfo. It is "" for what has none, or one of another format.
func buildInfo(exe []byte) string {
	for {
		_, after, found := bytes.Cut(exe, []byte("\xff Go buildinf:"))
		if !found {
			return ""
		}
		if text := infoAt(after); strings.Contains(text, "path\t") {
			return "\n" + text
		}
		exe = after // only the words: this function has them too
	}
}

// infoAt reads what follows the mark.
func infoAt(after []byte) string {
	const head, inline = 18, 2 // bytes from the mark to the texts; the flag that they follow
	if len(after) < head || after[1]&inline == 0 {
		return ""
	}
	rest := after[head:]
	var text []byte
	for range 2 { // the version of Go, then the rest
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			return ""
		}
		text, rest = rest[size:size+int(n)], rest[size+int(n):]
	}
	return string(text)
}
