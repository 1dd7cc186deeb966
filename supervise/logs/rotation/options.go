package rotation

import (
	"strconv"
	"time"

	"slipway/supervise/config/text"
	"slipway/supervise/logs/setting"
)

// Options are what a program, or [slipway] for all programs, says of its log files. "" is not
// said.
type Options struct{ Rotate, Total, Compress string }

// gzipped is the word for log_compress.
const gzipped = "gzip"

// Settings are all options.
var Settings = []setting.Setting[Options]{
	{Name: "log_rotate", Default: "none", Global: true,
		Doc:   "When its log files are put away, besides *_logfile_maxbytes: hourly, daily, weekly (on Monday), monthly, or with every duration such as 6h, counted from midnight. It is done before the first line of the new time, in local time, between two lines; a file that is empty stays. none: by size alone. For example: `log_rotate = daily`.",
		Field: func(o *Options) *string { return &o.Rotate }},
	{Name: "log_total", Default: "0", Global: true,
		Doc:   "How much one log and its old files may take together: the oldest are removed for it, and the log is put away at half of it at the latest. 0 for any. *_logfile_backups holds as well. For example: `log_total = 500MB`.",
		Field: func(o *Options) *string { return &o.Total }},
	{Name: "log_compress", Words: []string{"none", gzipped}, Default: "none", Global: true,
		Doc:   "gzip: files that were put away are compressed by a process of their own, one at a time and at the lowest priority; LOG.1 becomes LOG.1.gz. For example: `log_compress = gzip`.",
		Field: func(o *Options) *string { return &o.Compress }},
}

// Mistakes says what is wrong with the settings that are any text.
func (o *Options) Mistakes() (list []setting.Mistake) {
	if _, ok := parseEvery(o.Rotate); !ok {
		list = append(list, setting.Mistake{Option: "log_rotate", Text: "expected none, hourly, daily, weekly, monthly or a duration of a minute at least, such as 6h, got " + strconv.Quote(o.Rotate)})
	}
	if n, ok := parseTotal(o.Total); !ok || n < 0 {
		list = append(list, setting.Mistake{Option: "log_total", Text: "expected a number of bytes, or one with KB, MB or GB, got " + strconv.Quote(o.Total)})
	}
	return list
}

func parseTotal(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	return text.Size(s)
}

// Rule is what Options ask for.
type Rule struct {
	Every    Every
	Total    int64 // bytes of a log and its old files; 0: any
	Compress bool
}

// Rule is what the options ask for; nil: nothing. Options with mistakes ask for the rest.
func (o *Options) Rule() *Rule {
	if *o == (Options{}) {
		return nil
	}
	r := &Rule{Compress: o.Compress == gzipped}
	r.Every, _ = parseEvery(o.Rotate)
	r.Total, _ = parseTotal(o.Total)
	if *r == (Rule{}) {
		return nil
	}
	return r
}

// Limit is the size, in bytes, at which a log is put away that has a maxbytes; 0: none.
func (r *Rule) Limit(maxbytes int64) int64 {
	if half := max(r.Total/2, 1); r.Total > 0 && (maxbytes == 0 || maxbytes > half) {
		return half
	}
	return maxbytes
}

// Every is how long one file is written. The zero value is for ever.
type Every struct {
	length time.Duration
	month  bool
}

const (
	day  = 24 * time.Hour
	week = 7 * day
	// monday is the first Monday, from the beginning of Unix time, which was a Thursday.
	monday = 4 * day
)

func parseEvery(s string) (e Every, ok bool) {
	switch s {
	case "", "none":
		return Every{}, true
	case "hourly":
		return Every{length: time.Hour}, true
	case "daily":
		return Every{length: day}, true
	case "weekly":
		return Every{length: week}, true
	case "monthly":
		return Every{length: 31 * day, month: true}, true
	}
	d, ok := text.Duration(s)
	return Every{length: d}, ok && d >= time.Minute
}

// number is the number of the time in which t is, by the clock on the wall.
func (e Every) number(t time.Time) int64 {
	if e.month {
		return int64(t.Year())*12 + int64(t.Month())
	}
	_, offset := t.Zone()
	since := time.Duration(t.Unix()+int64(offset)) * time.Second
	if e.length == week {
		since -= monday
	}
	n := int64(since / e.length)
	if since < 0 && since%e.length != 0 {
		n--
	}
	return n
}
