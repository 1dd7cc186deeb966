package dialect

import (
	"path"
	"strings"

	"slipway/supervise/system"
)

// Paths resolves the paths of a configuration as Python's os.path does.
type Paths struct {
	Sys  system.System
	Dir  string // working directory
	Home string // $HOME
}

// ExpandUser replaces ~ and ~user at the start; an unknown user is left.
func (p *Paths) ExpandUser(s string) string {
	if !strings.HasPrefix(s, "~") {
		return s
	}
	name, rest := s[1:], ""
	if i := strings.IndexByte(s, '/'); i > 0 {
		name, rest = s[1:i], s[i:]
	}
	home := p.Home
	if name != "" || home == "" {
		a, ok := system.Account{}, false
		if name != "" {
			a, ok = p.Sys.UserByName(name)
		} else {
			a, ok = p.Sys.UserByID(p.Sys.Getuid())
		}
		if !ok {
			return s
		}
		home = a.Home
	}
	if full := strings.TrimRight(home, "/") + rest; full != "" {
		return full
	}
	return "/"
}

// Abs makes a path absolute and clean, with ~ expanded.
func (p *Paths) Abs(s string) string { return Normalize(Join(p.Dir, p.ExpandUser(s))) }

// Join is os.path.join of two: an absolute second one stands alone.
func Join(dir, s string) string {
	switch {
	case strings.HasPrefix(s, "/"), dir == "":
		return s
	case strings.HasSuffix(dir, "/"):
		return dir + s
	}
	return dir + "/" + s
}

// Normalize cleans a path; exactly two slashes at the start stay two, as POSIX
// allows them to mean something else and Python therefore keeps them.
func Normalize(s string) string {
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		return "/" + path.Clean(s)
	}
	return path.Clean(s)
}

// Dirname is os.path.dirname: all before the last slash.
func Dirname(s string) string {
	i := strings.LastIndexByte(s, '/')
	head := s[:i+1]
	if strings.Trim(head, "/") != "" {
		head = strings.TrimRight(head, "/")
	}
	return head
}
