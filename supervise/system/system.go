// Package system is what a configuration asks of the machine: files, folders and accounts. A
// machine can also be a folder, or made up by a test.
package system

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// System is what a configuration asks of the machine. The fields may be nil:
// the answer is then "there is none".
type System struct {
	ReadFile func(path string) ([]byte, error)
	// ReadOnce reports whether a file gives its text only once: a pipe, a terminal.
	ReadOnce func(path string) bool
	// ReadDir gives the names in a folder, in any order.
	ReadDir func(path string) []string
	// Exists does not follow symbolic links, IsDir does.
	Exists func(path string) bool
	IsDir  func(path string) bool
	// Getwd gives the absolute working directory, "" when there is none.
	Getwd    func() string
	Hostname func() string
	TempDir  func() string
	Getuid   func() int

	UserByName  func(name string) (Account, bool)
	UserByID    func(uid int) (Account, bool)
	GroupByName func(name string) (gid int, ok bool)
	GroupByID   func(gid int) bool
	// MemberOf gives the groups that list the user, in file order.
	MemberOf func(user string) []int
}

// Account is an entry of the user database.
type Account struct {
	Name string
	UID  int
	GID  int
	Home string
	// Shell is "" where the database has none, which means /bin/sh: passwd(5).
	Shell string
}

// Unix gives the System of this machine. With a root other than "" it is that
// of the machine whose files lie below that folder: its symbolic links stay
// below it, and the accounts are those of its etc/passwd and etc/group. The
// account files are read once, when the first account is asked for; os/user
// would cost PID 1 its memory, or need cgo.
func Unix(root string) System {
	at := func(path string) string { return below(root, path) }
	users := &accounts{passwd: at("/etc/passwd"), group: at("/etc/group")}
	return System{
		ReadFile: func(path string) ([]byte, error) { return os.ReadFile(at(path)) },
		ReadOnce: func(path string) bool {
			fi, err := os.Stat(at(path))
			return err == nil && !fi.Mode().IsRegular() && !fi.IsDir()
		},
		ReadDir: func(path string) []string {
			f, err := os.Open(at(path))
			if err != nil {
				return nil
			}
			defer f.Close()
			names, _ := f.Readdirnames(-1)
			return names
		},
		Exists: func(path string) bool {
			_, err := os.Lstat(filepath.Join(at(filepath.Dir(path)), filepath.Base(path)))
			return err == nil
		},
		IsDir: func(path string) bool { fi, err := os.Stat(at(path)); return err == nil && fi.IsDir() },
		Getwd: func() string {
			if root != "" {
				return "/"
			}
			wd, _ := os.Getwd()
			return wd
		},
		Hostname: func() string { h, _ := os.Hostname(); return h },
		TempDir: func() string {
			for _, dir := range []string{"/tmp", "/var/tmp", "/usr/tmp"} {
				if fi, err := os.Stat(at(dir)); err == nil && fi.IsDir() {
					return dir
				}
			}
			return "/tmp"
		},
		Getuid: os.Getuid,

		UserByName:  users.byName,
		UserByID:    users.byID,
		GroupByName: users.groupByName,
		GroupByID:   users.groupByID,
		MemberOf:    users.memberOf,
	}
}

// below gives the place of a path of a machine whose files lie below root, with
// all symbolic links followed as that machine would: /var/run is a link to /run
// in most images, which must not lead to ours.
func below(root, path string) string {
	if root == "" {
		return path
	}
	const mostLinks = 40 // as Linux
	rest := strings.Split(path, "/")
	done := "/"
	for links := 0; len(rest) > 0; {
		next := filepath.Join(done, rest[0]) // .. of / is /
		rest = rest[1:]
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil || links == mostLinks {
			done = next
			continue
		}
		links++
		if filepath.IsAbs(target) {
			done = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return filepath.Join(root, done)
}

// accounts are the account files of a machine.
type accounts struct {
	passwd, group string
	read          bool
	users         []Account
	groups        []groupEntry
}

type groupEntry struct {
	name    string
	gid     int
	members string // comma separated
}

func (a *accounts) load() {
	if a.read {
		return
	}
	a.read = true
	for _, f := range colonLines(a.passwd, 7) {
		uid, err1 := strconv.Atoi(f[2])
		gid, err2 := strconv.Atoi(f[3])
		if err1 == nil && err2 == nil {
			a.users = append(a.users, Account{Name: f[0], UID: uid, GID: gid, Home: f[5], Shell: f[6]})
		}
	}
	for _, f := range colonLines(a.group, 4) {
		if gid, err := strconv.Atoi(f[2]); err == nil {
			a.groups = append(a.groups, groupEntry{f[0], gid, f[3]})
		}
	}
}

func colonLines(path string, fields int) (lines [][]string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		f := strings.Split(strings.TrimRight(line, "\r"), ":")
		if len(f) >= fields && !strings.HasPrefix(line, "#") {
			lines = append(lines, f)
		}
	}
	return lines
}

func (a *accounts) byName(name string) (Account, bool) {
	a.load()
	for _, u := range a.users {
		if u.Name == name {
			return u, true
		}
	}
	return Account{}, false
}

func (a *accounts) byID(uid int) (Account, bool) {
	a.load()
	for _, u := range a.users {
		if u.UID == uid {
			return u, true
		}
	}
	return Account{}, false
}

func (a *accounts) groupByName(name string) (int, bool) {
	a.load()
	for _, g := range a.groups {
		if g.name == name {
			return g.gid, true
		}
	}
	return 0, false
}

func (a *accounts) groupByID(gid int) bool {
	a.load()
	for _, g := range a.groups {
		if g.gid == gid {
			return true
		}
	}
	return false
}

func (a *accounts) memberOf(user string) (gids []int) {
	a.load()
	for _, g := range a.groups {
		for m := range strings.SplitSeq(g.members, ",") {
			if m == user {
				gids = append(gids, g.gid)
				break
			}
		}
	}
	return gids
}

// OrUnix gives the system, complete; this machine for the zero System.
func (s System) OrUnix() System {
	if s.ReadFile == nil && s.IsDir == nil {
		return Unix("")
	}
	return s.complete()
}

// complete fills in what a test left out: nothing exists.
func (s System) complete() System {
	none := func(string) bool { return false }
	if s.ReadFile == nil {
		s.ReadFile = func(string) ([]byte, error) { return nil, os.ErrNotExist }
	}
	if s.ReadDir == nil {
		s.ReadDir = func(string) []string { return nil }
	}
	if s.Exists == nil {
		s.Exists = none
	}
	if s.IsDir == nil {
		s.IsDir = none
	}
	if s.Getwd == nil {
		s.Getwd = func() string { return "/" }
	}
	if s.Hostname == nil {
		s.Hostname = func() string { return "localhost" }
	}
	if s.TempDir == nil {
		s.TempDir = func() string { return "/tmp" }
	}
	if s.Getuid == nil {
		s.Getuid = func() int { return 0 }
	}
	if s.UserByName == nil {
		s.UserByName = func(string) (Account, bool) { return Account{}, false }
	}
	if s.UserByID == nil {
		s.UserByID = func(int) (Account, bool) { return Account{}, false }
	}
	if s.GroupByName == nil {
		s.GroupByName = func(string) (int, bool) { return 0, false }
	}
	if s.GroupByID == nil {
		s.GroupByID = func(int) bool { return false }
	}
	if s.MemberOf == nil {
		s.MemberOf = func(string) []int { return nil }
	}
	return s
}

// FindCommand is where the file of a command is, by Supervisor's rule: a word without a
// slash is the first file of that name in the folders of path, executable or not. An
// empty folder is none.
func FindCommand(word, path string, exists func(file string) bool) (file string, found bool) {
	if strings.Contains(word, "/") {
		return word, exists(word)
	}
	for _, dir := range strings.Split(path, ":") {
		if file := dir + "/" + word; dir != "" && exists(file) {
			return file, true
		}
	}
	return word, false
}

// IsStdio tells whether a path means standard output or error. Package logs
// never opens such a path, so its folder need not exist: a container without
// /proc has no /dev/fd.
func IsStdio(path string) bool {
	switch path {
	case "/dev/stdout", "/dev/stderr":
		return true
	}
	for _, dir := range [...]string{"/dev/fd/", "/proc/self/fd/"} {
		if digits, ok := strings.CutPrefix(path, dir); ok {
			return digits == "1" || digits == "2"
		}
	}
	return false
}
