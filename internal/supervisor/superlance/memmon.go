package superlance

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/supervisor/listener"
)

const memmonUsage = `[-c] [-p PROCESS=SIZE]... [-g GROUP=SIZE]... [-a SIZE] [-s SENDMAIL] [-m ADDRESS]
              [-u UPTIME] [-n NAME]

Looks with each TICK event how much memory (RSS) processes use, and restarts those with too much.

  -c, --cumulative               count the descendants of a process as well
  -p, --program PROCESS=SIZE     for this one: NAME or GROUP:NAME
  -g, --group GROUP=SIZE         for each process of this group
  -a, --any SIZE                 for all processes
  -s, --sendmail_program COMMAND what takes the mail (default "/usr/sbin/sendmail -t -i")
  -m, --email ADDRESS            whom to mail after a restart
  -u, --uptime TIME              mail only if the process had run for no longer: 90, 1m, 2h, 3d
  -n, --name NAME                what the subject of mails names

A SIZE is a number of bytes, or one with KB, MB or GB.
`

// watch is a memmon with its options.
type watch struct {
	supervisor supervisor
	proc       string // where the kernel shows processes
	cumulative bool
	programs   map[string]int64
	groups     map[string]int64
	any        *int64
	mail       mailer
	uptime     int64  // in seconds
	title      string // what the subjects of mails begin with
	errs       io.Writer
}

func memmon(args []string, in io.Reader, out, errs io.Writer) int {
	w := &watch{proc: "/proc", programs: map[string]int64{}, groups: map[string]int64{},
		uptime: math.MaxInt64, title: "memmon", mail: mailer{sendmail, "", errs}, errs: errs}
	to := func(limits map[string]int64) func(string) error {
		return func(v string) error {
			name, size, ok := strings.Cut(v, "=")
			n, err := number(size, []suffix{{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}})
			if !ok || err != nil {
				return fmt.Errorf("expected NAME=SIZE, such as web=200MB, got %q", v)
			}
			limits[name] = n
			return nil
		}
	}
	_, err := parse(args[1:], []option{
		flag('c', &w.cumulative, true, "cumulative"),
		{short: 'p', long: []string{"program"}, set: to(w.programs)},
		{short: 'g', long: []string{"group", "groupname"}, set: to(w.groups)},
		{short: 'a', long: []string{"any"}, set: func(v string) error {
			n, err := number(v, []suffix{{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}})
			if err != nil {
				return fmt.Errorf("any: expected a size, such as 200MB, got %q", v)
			}
			w.any = &n
			return nil
		}},
		text('s', &w.mail.command, "sendmail_program"),
		text('m', &w.mail.to, "email"),
		{short: 'u', long: []string{"uptime"}, set: func(v string) error {
			n, err := number(v, []suffix{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}})
			if err != nil {
				return fmt.Errorf("uptime: expected a time, such as 90, 1m, 2h or 3d, got %q", v)
			}
			w.uptime = n
			return nil
		}},
		{short: 'n', long: []string{"name"}, set: func(v string) error { w.title = "memmon [" + v + "]"; return nil }},
	}, false)
	if err == nil && len(args) == 1 {
		err = errors.New("expected an option that says how much is too much")
	}
	if err != nil {
		return refuse("memmon", memmonUsage, err, statusUsage, out, errs)
	}
	if w.supervisor, err = connect(); err != nil {
		fmt.Fprintf(errs, "memmon: %v\n", err)
		return 1
	}
	return listener.Serve("memmon", in, out, errs, func(e listener.Event) (string, error) {
		if !strings.HasPrefix(e.Name(), "TICK") {
			return listener.OK, nil
		}
		return listener.OK, w.tick()
	})
}

// suffix is what a number is multiplied by if it ends so.
type suffix struct {
	word string
	by   int64
}

// number reads a number with or without one of the suffixes, in any case of letters.
func number(v string, suffixes []suffix) (int64, error) {
	digits, by := strings.ToLower(v), int64(1)
	for _, s := range suffixes {
		if d, ok := strings.CutSuffix(digits, s.word); ok {
			digits, by = d, s.by
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/by {
		return 0, errors.New("no number, or one out of range")
	}
	return n * by, nil
}

func (w *watch) tick() error {
	for _, l := range []struct {
		what   string
		limits map[string]int64
	}{{"programs", w.programs}, {"groups", w.groups}} {
		if len(l.limits) == 0 {
			continue
		}
		var words []string
		for _, name := range slices.Sorted(maps.Keys(l.limits)) {
			words = append(words, fmt.Sprintf("%s=%d", name, l.limits[name]))
		}
		fmt.Fprintf(w.errs, "Checking %s %s\n", l.what, strings.Join(words, ", "))
	}
	if w.any != nil {
		fmt.Fprintf(w.errs, "Checking any=%d\n", *w.any)
	}
	all, err := w.supervisor.processes()
	if err != nil {
		return err
	}
	for _, p := range all {
		limits := w.limits(p)
		if p.pid == 0 || len(limits) == 0 {
			continue
		}
		rss, ok := w.rss(p.pid)
		if !ok {
			continue // it has ended meanwhile
		}
		fmt.Fprintf(w.errs, "RSS of %s:%s is %d\n", p.group, p.name, rss)
		if rss > slices.Min(limits) {
			if err := w.restart(p, rss); err != nil {
				return err
			}
		}
	}
	return nil
}

// limits are those that a process is under.
func (w *watch) limits(p process) (limits []int64) {
	for name, n := range w.programs {
		if p.is(name) {
			limits = append(limits, n)
		}
	}
	if n, ok := w.groups[p.group]; ok {
		limits = append(limits, n)
	}
	if w.any != nil {
		limits = append(limits, *w.any)
	}
	return limits
}

// rss is the memory of a process, in bytes; ok is false if there is none of that number.
func (w *watch) rss(pid int) (bytes int64, ok bool) {
	if bytes, ok = w.own(pid); !ok || !w.cumulative {
		return bytes, ok
	}
	children := map[int][]int{}
	folders, _ := filepath.Glob(w.proc + "/[0-9]*")
	for _, f := range folders {
		child, err := strconv.Atoi(filepath.Base(f))
		if parent, ok := w.parent(child); err == nil && ok {
			children[parent] = append(children[parent], child)
		}
	}
	for next := children[pid]; len(next) > 0; {
		child := next[0]
		next = append(next[1:], children[child]...)
		delete(children, child) // a number that was given away again makes no circle
		n, _ := w.own(child)
		bytes += n
	}
	return bytes, true
}

// own is the memory of a process without its children.
func (w *watch) own(pid int) (bytes int64, ok bool) {
	kilobytes, ok := w.status(pid, "VmRSS:")
	return kilobytes << 10, ok
}

func (w *watch) parent(pid int) (parent int, ok bool) {
	n, ok := w.status(pid, "PPid:")
	return int(n), ok
}

// status is a number that the kernel shows of a process.
func (w *watch) status(pid int, key string) (int64, bool) {
	content, err := os.ReadFile(fmt.Sprintf("%s/%d/status", w.proc, pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n, err == nil
		}
	}
	return 0, false // such as VmRSS of a zombie
}

// restart ends the listener if the process cannot be restarted, as the original does: the
// supervisor's log then shows it.
func (w *watch) restart(p process, rss int64) error {
	name := p.group + ":" + p.name
	fmt.Fprintf(w.errs, "Restarting %s\n", name)
	mail := func(subject, message string) {
		if w.mail.to != "" {
			w.mail.send(w.title+": "+subject, message)
		}
	}
	if err := w.supervisor.stop(p); err != nil {
		err = fmt.Errorf("failed to stop process %s (RSS %d), exiting: %w", name, rss, err)
		mail("failed to stop process "+name+", exiting", err.Error())
		return err
	}
	if err := w.supervisor.start(p); err != nil {
		err = fmt.Errorf("failed to start process %s after stopping it, exiting: %w", name, err)
		mail("failed to start process "+name+", exiting", err.Error())
		return err
	}
	if p.uptime <= w.uptime {
		mail("process "+name+" restarted", fmt.Sprintf("memmon.py restarted the process named %s at %s because it was consuming too much memory (%d bytes RSS)",
			name, time.Now().Format(time.ANSIC), rss))
	}
	return nil
}
