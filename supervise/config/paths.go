package config

import (
	"path"
	"strings"
)

// paths resolves the paths of a configuration as Python's os.path does.
type paths struct {
	sys  System
	dir  string // working directory
	home string // $HOME
}

// expandUser replaces ~ and ~user at the start; an unknown user is left.
func (p *paths) expandUser(s string) string {
	if !strings.HasPrefix(s, "~") {
		return s
	}
	name, rest := s[1:], ""
	if i := strings.IndexByte(s, '/'); i > 0 {
		name, rest = s[1:i], s[i:]
	}
	home := p.home
	if name != "" || home == "" {
		a, ok := Account{}, false
		if name != "" {
			a, ok = p.sys.UserByName(name)
		} else {
			a, ok = p.sys.UserByID(p.sys.Getuid())
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

// abs makes a path absolute and clean, with ~ expanded.
func (p *paths) abs(s string) string { return normalize(join(p.dir, p.expandUser(s))) }

// join is os.path.join of two: an absolute second one stands alone.
func join(dir, s string) string {
	switch {
	case strings.HasPrefix(s, "/"), dir == "":
		return s
	case strings.HasSuffix(dir, "/"):
		return dir + s
	}
	return dir + "/" + s
}

// normalize cleans a path; exactly two slashes at the start stay two, as POSIX
// allows them to mean something else and Python therefore keeps them.
func normalize(s string) string {
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		return "/" + path.Clean(s)
	}
	return path.Clean(s)
}

// dirname is os.path.dirname: all before the last slash.
func dirname(s string) string {
	i := strings.LastIndexByte(s, '/')
	head := s[:i+1]
	if strings.Trim(head, "/") != "" {
		head = strings.TrimRight(head, "/")
	}
	return head
}
