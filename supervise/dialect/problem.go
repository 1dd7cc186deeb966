package dialect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/place"
)

// Kind is the class of a Problem as a word. The words are those of the
// conformance files' error_kind, so that two readers can be compared without
// comparing their prose.
type Kind string

// The kinds of problems.
const (
	KindSyntax         Kind = "syntax"
	KindEncoding       Kind = "encoding"
	KindNoSupervisord  Kind = "no-supervisord-section"
	KindIncludeFiles   Kind = "include-without-files"
	KindUnknownName    Kind = "expansion-unknown-name"
	KindBadFormat      Kind = "expansion-bad-format"
	KindUnknownUser    Kind = "unknown-user"
	KindUnknownGroup   Kind = "unknown-group"
	KindUnknownOwner   Kind = "unknown-owner"
	KindMissingDir     Kind = "missing-directory"
	KindBadBoolean     Kind = "bad-boolean"
	KindBadNumber      Kind = "bad-number"
	KindBadOctal       Kind = "bad-octal"
	KindBadSignal      Kind = "bad-signal"
	KindBadExitcodes   Kind = "bad-exitcodes"
	KindBadAutorestart Kind = "bad-autorestart"
	KindBadLoglevel    Kind = "bad-loglevel"
	KindBadEnvironment Kind = "bad-environment"
	KindBadName        Kind = "bad-name"
	KindBadPort        Kind = "bad-port"
	KindBadBufferSize  Kind = "bad-buffer_size"
	KindBadSocket      Kind = "bad-fcgi-socket"
	KindNoCommand      Kind = "no-command"
	KindNumprocs       Kind = "numprocs-needs-process_num"
	KindAsgroup        Kind = "stopasgroup-killasgroup"
	KindUnknownProgram Kind = "group-unknown-program"
	KindAmbiguous      Kind = "group-ambiguous-program"
	KindPlugin         Kind = "plugin-unresolved"
	KindNoEvents       Kind = "listener-without-events"
	KindListenerStderr Kind = "listener-redirect_stderr"
	KindUnknownEvent   Kind = "unknown-event"
	KindNoAddress      Kind = "http-no-address"
	KindHalfAuth       Kind = "http-incomplete-auth"
	KindOther          Kind = "other"
)

// Pos is a place in a configuration file; the zero Pos means "built in".
type Pos = place.Pos

// Problem is one reason why a configuration cannot be used.
type Problem struct {
	Pos     Pos
	Section string // name without brackets; "" when it is not about one
	Key     string // "" when it is about the section as a whole
	Kind    Kind
	Text    string // what was expected and what was found
	Hint    string // what to do; "" when there is nothing to say
	Err     error  // the system's, when a file cannot be read
}

// Unwrap gives the system's error, if there is one.
func (p *Problem) Unwrap() error { return p.Err }

// Error names the place, the key and the cause; the hint is left to the caller.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Pos.Line == 0 && p.Section == "" {
		b.WriteString("cannot read ")
	} else {
		b.WriteString("cannot parse ")
	}
	b.WriteString(p.Pos.String())
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key)
		b.WriteString(": ")
	} else if p.Section != "" {
		b.WriteString("[" + p.Section + "]: ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is every problem of a configuration, in file order.
type Problems struct {
	List []*Problem
	// First is the one that Supervisor, which stops at its first, reports.
	First *Problem
}

// Error is one line per problem.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, x := range p.List {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems to errors.Is and errors.As.
func (p *Problems) Unwrap() []error {
	errs := make([]error, len(p.List))
	for i, x := range p.List {
		errs[i] = x
	}
	return errs
}

// Report collects problems in the order in which Supervisor would meet them.
type Report struct {
	List []*Problem
	seen map[Problem]bool // without Err and Hint
}

// Add takes a problem in once: numprocs and groups read a section several times.
func (ps *Report) Add(p *Problem) {
	key := *p
	key.Err, key.Hint = nil, ""
	if ps.seen[key] {
		return
	}
	if ps.seen == nil {
		ps.seen = map[Problem]bool{}
	}
	ps.seen[key] = true
	ps.List = append(ps.List, p)
}

// Err gives the problems in the order of files, or nil.
func (ps *Report) Err(files []string) error {
	if len(ps.List) == 0 {
		return nil
	}
	sorted := slices.Clone(ps.List)
	at := Ranks(files)
	slices.SortStableFunc(sorted, func(a, b *Problem) int {
		return cmp.Or(at(a.Pos)-at(b.Pos), a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
	return &Problems{List: sorted, First: ps.List[0]}
}

// Ranks tells which of the files a place is in, in their order; other places come first.
func Ranks(files []string) func(Pos) int {
	rank := make(map[string]int, len(files))
	for i := len(files) - 1; i >= 0; i-- {
		rank[files[i]] = i + 1
	}
	return func(at Pos) int { return rank[at.File] }
}

// Note is one warning about a place in a file, with a hint where there is one.
type Note struct {
	Pos  Pos
	Text string
	Hint string
}

// Quote is for texts of people: as written between double quotes, long ones
// cut, so that a mistake in a command of a thousand characters is readable.
func Quote(s string) string {
	const most = 200
	if cut := firstRunes(s, most); cut != s {
		s = cut + "…"
	}
	return strconv.Quote(s)
}
