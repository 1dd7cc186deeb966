package differential

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/internal/test/testkit"
	"slipway/supervise/dialect"
)

// patience is how long a wait may take. The original is slow, and so is a machine
// that runs everything at the same time.
const patience = testkit.Patience

// run is one execution of a scenario against one daemon.
type run struct {
	*daemon
	s       scenario
	tr      transcript
	started bool
}

// execute runs all commands.
func (r *run) execute(t *testing.T) error {
	defer r.stop()
	for _, line := range r.s.lines {
		verb, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(strings.ReplaceAll(rest, "DIR", r.dir))
		if !r.started && verb != "start" && verb != "fails" && verb != "sh" {
			if err := r.start(""); err != nil {
				return err
			}
		}
		verb, sorted := strings.CutSuffix(verb, "set") // only ctl, rpc and log are written so
		before := len(r.tr.pieces)
		do := map[string]func(line, rest string) error{
			"start": r.startCommand, "fails": r.fails, "ends": r.ends, "wait": r.wait, "waitlog": r.waitLog, "waitfile": r.waitFile,
			"ctl": r.runCtl, "rpc": r.rpc, "http": r.http, "signal": r.signal, "kill": r.kill, "log": r.log,
			"cat": r.cat, "ls": r.ls, "put": func(_, rest string) error { return r.put(t, rest) }, "sh": r.shell,
		}[verb]
		if do == nil {
			return fmt.Errorf("unknown command %q", verb)
		}
		if err := do(line, rest); err != nil {
			return fmt.Errorf("%s: %w\nactivity log:\n%s\nstderr:\n%s", line, err, r.read("main.log"), r.stderr())
		}
		if sorted {
			r.tr.sortLines(before)
		}
	}
	return nil
}

func (r *run) stderr() string {
	return r.read("stderr")
}

func (r *run) read(name string) string {
	raw, err := os.ReadFile(r.path(name))
	if err != nil {
		return err.Error() + "\n"
	}
	return string(raw)
}

// until polls cond until it holds or patience ends.
func (r *run) until(what string, cond func() bool) error {
	deadline := time.Now().Add(patience)
	for !cond() {
		if time.Now().After(deadline) {
			return errors.New("waited in vain for " + what)
		}
		time.Sleep(50 * time.Millisecond) // between polls
	}
	return nil
}

func (r *run) startCommand(_, rest string) error { return r.start(rest) }

func (r *run) start(args string) error {
	r.started = true
	if err := r.begin(strings.Fields(args)); err != nil {
		return err
	}
	return r.until("the daemon's answer", func() bool {
		select {
		case <-r.ended:
			return true
		default:
			return r.answers()
		}
	})
}

func (r *run) fails(line, rest string) error {
	r.started = true
	if err := r.begin(strings.Fields(rest)); err != nil {
		return err
	}
	return r.ends(line, "")
}

func (r *run) ends(line, _ string) error {
	select {
	case <-r.ended:
	case <-time.After(patience):
		return errors.New("the daemon does not end")
	}
	r.tr.add(line, fmt.Sprintf("status %d\n", r.status))
	return nil
}

func (r *run) wait(_, rest string) error {
	name, states, _ := strings.Cut(rest, " ")
	last := ""
	err := r.until(rest, func() bool {
		v, err := r.call("supervisor.getProcessInfo", name)
		if err != nil {
			last = err.Error()
			return false
		}
		info, _ := v.(xmlrpc.Struct)
		last = info.String("statename")
		for _, want := range strings.Split(states, ",") {
			if last == want {
				return true
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("%w; it is %s", err, last)
	}
	return nil
}

func (r *run) waitLog(_, rest string) error { return r.waitFile("", "main.log "+rest) }

func (r *run) waitFile(_, rest string) error {
	name, pattern, _ := strings.Cut(rest, " ")
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return err
	}
	return r.until(pattern, func() bool { return r.holds(name, re) })
}

// holds reports whether a file is there and matches. A file that is not there
// matches nothing, not even what its error says: "no such file" has an f, and in
// the middle of a rotation a log is not there.
func (r *run) holds(name string, re *regexp.Regexp) bool {
	raw, err := os.ReadFile(r.path(name))
	return err == nil && re.Match(raw)
}

// path is a name in the scenario's folder, unless it is absolute.
func (r *run) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}

func (r *run) runCtl(line, rest string) error {
	stdout, stderr, status, err := r.oracle.Supervisorctl(append([]string{"-c", r.conf}, strings.Fields(rest)...), "")
	if err != nil {
		return err
	}
	r.tr.add(line, r.normal(fmt.Sprintf("%s%sstatus %d\n", stdout, stderr, status)))
	return nil
}

func (r *run) rpc(line, rest string) error {
	rest, fields, _ := strings.Cut(rest, " | ")
	method, tail, _ := strings.Cut(rest, " ")
	var args []any
	for d := json.NewDecoder(strings.NewReader(tail)); d.More(); {
		var v any
		if err := d.Decode(&v); err != nil {
			return err
		}
		args = append(args, fromJSON(v))
	}
	v, err := r.call(method, args...)
	var text strings.Builder
	if err != nil {
		fmt.Fprintln(&text, err)
	} else {
		show(&text, v, fields)
	}
	r.tr.add(line, r.normal(text.String()))
	return nil
}

func fromJSON(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = fromJSON(v[i])
		}
		return out
	case map[string]any:
		var st xmlrpc.Struct
		for name, item := range v {
			st = append(st, xmlrpc.Member{Name: name, Value: fromJSON(item)})
		}
		return st
	}
	return v
}

// show prints an answer, one line for each struct of an array, with members in
// alphabetical order.
func show(w io.Writer, v any, fields string) {
	if list, ok := v.([]any); ok {
		for _, item := range list {
			show(w, item, fields)
		}
		if len(list) == 0 {
			fmt.Fprintln(w, "[]")
		}
		return
	}
	st, ok := v.(xmlrpc.Struct)
	if !ok {
		fmt.Fprintf(w, "%T %#v\n", v, v)
		return
	}
	sort.Slice(st, func(i, j int) bool { return st[i].Name < st[j].Name })
	for _, m := range st {
		if fields != "" && !strings.Contains(","+fields+",", ","+m.Name+",") {
			continue
		}
		value := m.Value
		switch n, _ := value.(int64); m.Name {
		case "pid", "start", "stop", "now":
			if n > 0 {
				value = "some"
			}
		case "autorestart":
			continue // of 4.4, which the oracle is not
		}
		fmt.Fprintf(w, "%s=%#v ", m.Name, value)
	}
	fmt.Fprintln(w)
}

func (r *run) http(line, rest string) error {
	words := strings.Fields(rest)
	// Written by hand: net/http gives every POST a length.
	conn, err := net.DialTimeout("unix", r.socket(), patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\n", words[0], words[1])
	for _, h := range words[2:] {
		name, value, _ := strings.Cut(h, ":")
		fmt.Fprintf(conn, "%s: %s\r\n", name, strings.ReplaceAll(value, "_", " "))
	}
	fmt.Fprint(conn, "\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	// A log tail never ends: what comes first is what is recorded.
	body := make([]byte, 64<<10)
	n, _ := io.ReadAtLeast(resp.Body, body, 1)
	r.tr.add(line, r.normal(fmt.Sprintf("%d %s %s\n%s\n", resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Server"), body[:n])))
	return nil
}

func (r *run) signal(_, rest string) error {
	n, ok := dialect.SignalNumber(rest)
	if !ok {
		return errors.New("unknown signal")
	}
	return syscall.Kill(r.pid, syscall.Signal(n))
}

func (r *run) kill(_, rest string) error {
	name, sig, _ := strings.Cut(rest, " ")
	n, ok := dialect.SignalNumber(sig)
	if !ok {
		return errors.New("unknown signal")
	}
	v, err := r.call("supervisor.getProcessInfo", name)
	if err != nil {
		return err
	}
	info, _ := v.(xmlrpc.Struct)
	if info.Int("pid") == 0 {
		return errors.New("it has no process")
	}
	return syscall.Kill(int(info.Int("pid")), syscall.Signal(n))
}

var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `)

func (r *run) logLines(pattern string) ([]string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, line := range strings.Split(r.read("main.log"), "\n") {
		if re.MatchString(line) {
			out = append(out, stamp.ReplaceAllString(line, ""))
		}
	}
	return out, nil
}

func (r *run) log(line, rest string) error {
	lines, err := r.logLines(rest)
	r.tr.add(line, r.normal(strings.Join(lines, "\n")+"\n"))
	return err
}

func (r *run) cat(line, rest string) error {
	r.tr.add(line, r.normal(r.read(rest)))
	return nil
}

func (r *run) ls(line, rest string) error {
	names, err := filepath.Glob(filepath.Join(r.dir, rest))
	r.tr.add(line, r.normal(strings.Join(names, "\n")+"\n"))
	return err
}

func (r *run) put(t *testing.T, rest string) error {
	from, to, _ := strings.Cut(rest, " ")
	text := r.read(from)
	if to == "conf" {
		to, text = "supervisord.conf", strings.ReplaceAll(head, "DIR", r.dir)+text
	}
	write(t, filepath.Join(r.dir, to), text)
	return nil
}

func (r *run) shell(line, rest string) error {
	cmd := exec.Command("/bin/sh", "-c", rest)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "DAEMON="+strconv.Itoa(r.pid))
	out, err := cmd.CombinedOutput()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		return err
	}
	r.tr.add(line, r.normal(fmt.Sprintf("%sstatus %d\n", out, cmd.ProcessState.ExitCode())))
	return nil
}

// substitutions take out of a text what no two runs have in common.
var substitutions = []struct {
	re   *regexp.Regexp
	with string
}{
	// Deliberate: without a password a unix socket is guarded by its mode, which
	// is no reason for a critical line in every healthy container.
	{regexp.MustCompile(`CRIT (Server 'unix_http_server')`), "INFO $1"},
	// Deliberate: what a stop was asked for by is said.
	{regexp.MustCompile(`(?m)^.*INFO stopping: .*\n`), ""},
	{regexp.MustCompile(`: file: \S+ line: \d+`), ""},
	{regexp.MustCompile(`\bpid[: ]\d+`), "pid N"},
	{regexp.MustCompile(`(killing '[^']*') \(\d+\)`), "$1 (N)"},
	{regexp.MustCompile(`\(pid \d+\)`), "(pid N)"},
	{regexp.MustCompile(`uptime (\d+ days?, )?\d+:\d\d:\d\d`), "uptime T"},
	{regexp.MustCompile(`[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`), "STAMP"},
	{regexp.MustCompile(`(---[^-\s]*-)[0-9A-Za-z_]{8}\.log`), "${1}RANDOM.log"},
	{regexp.MustCompile(`when:\d+`), "when:T"},
}

func (r *run) normal(s string) string {
	s = strings.ReplaceAll(s, r.dir, "DIR")
	for _, sub := range substitutions {
		s = sub.re.ReplaceAllString(s, sub.with)
	}
	return s
}
