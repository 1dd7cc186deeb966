// Package sockets says what listening sockets a configuration describes: their addresses
// and options, and what a program is told of those that it gets. It is pure; package
// listening has the sockets themselves.
package sockets

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/dialect"
)

// Socket is a [socket:NAME] section.
type Socket struct {
	Name string
	Address
	Mode     int // of a file
	UID, GID int // of a file; -1: ours
	Backlog  int
	Options  Options
	Pos      dialect.Pos // of the section
}

// Options are what a socket is told besides its address.
type Options uint

// The options.
const (
	ReusePort Options = 1 << iota
	NoDelay
	KeepAlive
	FreeBind
	OnlyIPv6
	Credentials
)

// optionWords are their words.
var optionWords = [...]string{"reuseport", "nodelay", "keepalive", "freebind", "ipv6only", "passcred"}

// OptionWords are the words that an option has.
func OptionWords() []string { return optionWords[:] }

// ParseOptions reads words. It returns the first one that is none.
func ParseOptions(words []string) (o Options, wrong string) {
	for _, word := range words {
		i := slices.Index(optionWords[:], strings.ToLower(word))
		if i < 0 {
			return o, word
		}
		o |= 1 << i
	}
	return o, ""
}

// Misfit is the word of an option that has no meaning at the socket's address, "" for none.
func (s *Socket) Misfit() string {
	ip := !s.IsUnix()
	for i, fits := range [...]bool{ip, s.Network == TCP, s.Network == TCP, ip, ip && s.IPv6, !ip} {
		if s.Options&(1<<i) != 0 && !fits {
			return optionWords[i]
		}
	}
	return ""
}

// First is the number of the first descriptor that a program gets; the others follow.
const First = 3

// MaxName is how long the name of a socket may be, as sd_listen_fds_with_names(3) has it.
const MaxName = 255

// IsName reports whether a socket may be called so: what a program reads of it is a list
// separated by colons.
func IsName(name string) bool {
	return name != "" && len(name) <= MaxName && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(":()%", r) })
}

// The variables by which sd_listen_fds(3) finds its descriptors. The value of EnvPID is the
// number of the process that they are for: it is not known before there is one.
const (
	EnvPID   = "LISTEN_PID"
	envCount = "LISTEN_FDS"
	envNames = "LISTEN_FDNAMES"
)

// Environ is an environment for a program that gets sockets. EnvPID has room for a number.
func Environ(environ []string, list []*Socket) []string {
	environ = slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == EnvPID || name == envCount || name == envNames
	})
	names := make([]string, 0, len(list))
	for _, s := range list {
		names = append(names, s.Name)
	}
	return append(environ, EnvPID+"=0000000000", envCount+"="+strconv.Itoa(len(list)), envNames+"="+strings.Join(names, ":"))
}

// Same reports whether two programs get the same sockets. What else is said of a socket
// holds for one that is open as well.
func Same(a, b []*Socket) bool {
	return slices.EqualFunc(a, b, func(s, t *Socket) bool { return s.Name == t.Name && s.Address == t.Address })
}
