package format

import (
	"slices"
	"strconv"
	"strings"

	"slipway/supervise/logs/setting"
)

// Style is how lines are written.
type Style uint8

// The styles, in the order of styleWords.
const (
	Raw    Style = iota // as they come
	Prefix              // time program | line
	JSON                // an object each
)

var (
	styleWords = []string{raw, "prefix", "json"}
	timeWords  = []string{withTime, "none"}
)

const (
	raw      = "raw"
	withTime = "rfc3339nano"
)

// Options are what a program, or [slipway] for all programs, says of its lines. "" is not
// said.
type Options struct{ Format, Time, Multiline, Keep string }

// Inherit takes over what all programs have where nothing is said.
func (o *Options) Inherit(all *Options) { setting.Inherit(Settings, o, all) }

// Settings are all options.
var Settings = []setting.Setting[Options]{
	{Name: "log_format", Words: styleWords, Default: raw, Global: true,
		Doc:   "How lines are written to the container's stdout and stderr; files and syslog get what a program prints as it is. raw: byte by byte. prefix: `time program | line`, names aligned, in colour on a terminal. json: an object a line, with time, program, stream, pid, and the line as message, or as record if it is a JSON object itself. With prefix and json the output passes the supervisor, unless relay = no.",
		Field: func(o *Options) *string { return &o.Format }},
	{Name: "log_time", Words: timeWords, Default: withTime, Global: true,
		Doc:   "The time that prefix and json write before a line: UTC with nine digits of a second, or none. It is the time at which the line was read.",
		Field: func(o *Options) *string { return &o.Time }},
	{Name: "log_multiline",
		Doc:   "What the first line of a record of several lines looks like; lines that do not are kept together with the one before. A regular expression without groups: `^[0-9]{4}-` for records that begin with a date, `^\\S` for those whose further lines are indented. For example: `log_multiline = ^\\d{4}-\\d\\d`.",
		Field: func(o *Options) *string { return &o.Multiline }},
	{Name: "log_keep",
		Doc:   "How much of its last output is kept in memory for slipway tail, where there is no log file: up to 64KB. Default: 2KB. For example: `log_keep = 16KB`.",
		Field: func(o *Options) *string { return &o.Keep }},
}

// KeepDefault and keepMost bound what is kept of the last output, in bytes.
const (
	KeepDefault = 2 << 10
	keepMost    = 64 << 10
)

// Kept is how many bytes of the last output are kept.
func (o *Options) Kept() int {
	if n, ok := size(o.Keep); ok {
		return n
	}
	return KeepDefault
}

// size reads a number of bytes, such as 4096, 4KB or 4KiB.
func size(s string) (int, bool) {
	lower := strings.ToLower(s)
	number := strings.TrimRight(strings.TrimRight(lower, "b"), "i")
	number, thousands := strings.CutSuffix(number, "k")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	unit := lower[min(len(number), len(lower)):]
	if thousands {
		n <<= 10
	}
	return n, err == nil && slices.Contains([]string{"", "b", "k", "kb", "kib"}, unit) && n >= 0 && n <= keepMost
}

// Mistakes says what is wrong with the settings that are any text.
func (o *Options) Mistakes() (list []setting.Mistake) {
	if _, wrong, hint := Compile(o.Multiline); wrong != "" {
		list = append(list, setting.Mistake{Option: "log_multiline", Text: "expected a regular expression without groups, got " + strconv.Quote(o.Multiline) + ": " + wrong, Hint: hint})
	}
	if _, ok := size(o.Keep); !ok && o.Keep != "" {
		list = append(list, setting.Mistake{Option: "log_keep", Text: "expected a size of at most 64KB, such as 16KB, got " + strconv.Quote(o.Keep)})
	}
	return list
}

// Spec is how the lines of one output are written. A nil one is raw.
type Spec struct {
	Style   Style
	Timed   bool
	Records *Pattern // first lines of records; nil: each line is one
	Program string
	Stream  string // stdout or stderr
	PID     int    // 0: Began tells it
	Width   int    // names are this wide
	Colour  bool   // on a terminal
	Levels  bool   // lines are those of the activity log
}

// Spec is what the options ask for, or nil: everything stays as it comes.
func (o *Options) Spec() *Spec {
	if (o.Format == "" || o.Format == styleWords[Raw]) && o.Multiline == "" {
		return nil
	}
	s := &Spec{Style: Style(max(slices.Index(styleWords, o.Format), 0)), Timed: o.Time == withTime || o.Time == ""}
	if o.Multiline != "" {
		s.Records, _, _ = Compile(o.Multiline)
	}
	return s
}
