// Package attributes are what a program can be given that the kernel keeps for each process:
// limits, priorities, processors, capabilities. It reads them as an option has them, and
// gives the system calls that a process makes for itself before its execve.
//
// It is pure. Most programs have none, so a List is empty, and an attribute that is not
// given costs nothing.
package attributes

import (
	"strings"
	"syscall"

	"slipway/supervise/words"
)

// List are the attributes that a program was given, in the order of Kinds.
type List []attribute

type attribute struct {
	kind *Kind
	text string // as it was given
	call value
}

// value is what a text means: the arguments of its system calls.
type value []int

// Kind is one attribute.
type Kind struct {
	Name     string // of the option
	Expected string // what its value looks like
	Doc      string
	parse    func(text string) (value, bool)
	// after the change of the user, which takes away what it takes to set the others.
	after bool
}

// Find gives the kind of that name, or nil.
func Find(name string) *Kind {
	for i := range Kinds {
		if Kinds[i].Name == name {
			return &Kinds[i]
		}
	}
	return nil
}

// Get gives the text of the attribute of that name, "" if it is not given.
func (l List) Get(name string) string {
	for i := range l {
		if l[i].kind.Name == name {
			return l[i].text
		}
	}
	return ""
}

// Set reads an attribute. It reports whether the text is one.
func (l *List) Set(name, text string) bool {
	k := Find(name)
	v, ok := k.parse(strings.TrimSpace(text))
	if ok {
		*l = append(*l, attribute{kind: k, text: text, call: v})
	}
	return ok
}

// Refused names an error of a step of a table, and what it lacks if it is not permitted.
func Refused(step string, err error) string {
	if lacks := Lacks(step); lacks != "" && (err == syscall.EPERM || err == syscall.EACCES) {
		return words.ErrnoName(err) + " (" + lacks + ")"
	}
	return words.ErrnoName(err)
}

// Lacks says without what a step of a table is not permitted, "" for one that needs nothing.
func Lacks(step string) string {
	for _, n := range [...]struct{ step, lacks string }{
		{"setgroups", "CAP_SETGID is missing"},
		{"setgid", "CAP_SETGID is missing"},
		{"setuid", "CAP_SETUID is missing"},
		{"kill", "CAP_KILL is missing"},
		{"chown", "CAP_CHOWN is missing"},
		{"set limit_nofile", "CAP_SYS_RESOURCE is missing, or it is more than /proc/sys/fs/nr_open"},
		{"set limit_", "CAP_SYS_RESOURCE is missing"},
		{"set oom_score_adj", "CAP_SYS_RESOURCE is missing"},
		{"set nice", "CAP_SYS_NICE is missing"},
		{"set ionice", "CAP_SYS_NICE is missing"},
		{"drop ", "CAP_SETPCAP is missing"},
		{"set capabilities", "the supervisor does not have all of them"},
	} {
		if strings.HasPrefix(step, n.step) {
			return n.lacks
		}
	}
	return ""
}
