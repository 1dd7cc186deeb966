package metrics

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/supervisor/serve/metrics/usage"
	"slipway/supervise/control"
)

var update = flag.Bool("update", false, "write the golden files and the reference page")

// proc makes a /proc in which a supervisor has two programs, one of them with a holder.
func proc(t *testing.T) usage.Table {
	t.Helper()
	dir := t.TempDir()
	for pid, rest := range map[string]string{"10": "1 150 50", "20": "10 0 0", "21": "20 700 300", "30": "10 100 0"} {
		words := strings.Fields(rest)
		stat := fmt.Sprintf("%s (a) S %s 0 0 0 0 0 0 0 0 0 %s %s 0 0 20 0 2 0 0 0 3\n", pid, words[0], words[1], words[2])
		if err := os.Mkdir(filepath.Join(dir, pid), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pid, "stat"), []byte(stat), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return usage.Read(dir)
}

// full is an input in which every metric has a sample.
func full(t *testing.T) *Input {
	t.Helper()
	return &Input{
		Info:  control.SupervisorInfo{PID: 10, Version: "1.2.3", Mode: "run", Start: 1_700_000_000},
		State: control.NewState(control.MoodRunning),
		Processes: []control.ProcessInfo{
			{Name: "web", Group: "web", Program: "web", Kind: "program", Level: "holder", State: control.Running, PID: 21, Start: 1_700_000_100, Generation: 3, Restarts: 2, Stop: 1_700_000_090, LastStatus: 3, Ready: true, Health: "healthy", LostLog: 42},
			{Name: `a"b\c`, Group: "x\ny", Program: "x", Kind: "program", Level: "marks", State: control.Running, PID: 30, Start: 1_700_000_200, Generation: 1, Health: "starting"},
			{Name: "job\xff", Group: "job", Program: "job", Kind: "program", State: control.Exited, Generation: 1, Start: 1_700_000_000, Stop: 1_700_000_001, Signal: 9, LastStatus: -1, NextRun: 1_700_003_600},
			{Name: "new", Group: "new", Program: "new", Kind: "eventlistener", State: control.Stopped},
		},
		Sources: []Source{
			{Name: "etcd", Connected: time.UnixMilli(1_700_000_000_500), Contact: time.Unix(1_700_000_300, 0), Wanted: 8, Applied: 7, Refused: "it is wrong"},
			{Name: "shop", Connected: time.Unix(1_700_000_000, 0), Lost: time.Unix(1_700_000_200, 0)},
		},
		Usage: proc(t),
	}
}

// The whole text, read as code is.
func TestText(t *testing.T) {
	got := Text(full(t))
	golden := filepath.Join("testdata", "text.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got = pages.ReplaceAllString(got, "$1 N")
	if diff := cmp.Diff(pages.ReplaceAllString(string(want), "$1 N"), got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// pages are lines whose numbers depend on the size of a page of memory.
var pages = regexp.MustCompile(`(?m)^(slipway_\w*resident_memory_bytes\S*) \d+$`)

// The reference page is made from the table.
func TestReferencePage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Metrics\n\nMade from the table in `internal/supervisor/serve/metrics`. An HTTP server of the configuration answers these at\n" +
		"`/metrics`, in the text format of Prometheus; [Watch a container with Prometheus](../how-to/metrics.md) says how.\n\n" +
		"Counters begin anew when the supervisor does. A metric without a sample is left out.\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n")
	for _, m := range Table() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Kind, strings.Join(m.Labels, ", "), m.Help)
	}
	file := "../../../../docs/reference/metrics.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(got)); diff != "" {
		t.Errorf("%s is out of step; go test ./internal/supervisor/serve/metrics -update writes it (-want +got):\n%s", file, diff)
	}
}

// The rules of Prometheus for names hold for each metric, whether it has a sample or not.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Table() {
		for _, wrong := range wrongNames(m) {
			t.Errorf("%s: %s", m.Name, wrong)
		}
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
	}
	for _, bad := range []Metric{
		{"slipway_x", Counter, "X.", nil}, {"slipway_x_total", Gauge, "X.", nil}, {"slipwayX", Gauge, "X.", nil}, {"slipway_x_ms", Gauge, "X.", nil}, {"slipway_kilobytes", Gauge, "X.", nil},
		{"slipway_gauge_x", Gauge, "X.", nil}, {"slipway_x", Gauge, "", nil}, {"slipway_x_count", Gauge, "X.", nil}, {"slipway_x", Gauge, "X.", []string{"le"}}, {"other_x", Gauge, "X.", nil}, {"slipway_x", Gauge, "X.", []string{"a", "a"}},
	} {
		if len(wrongNames(bad)) == 0 {
			t.Errorf("%+v breaks a rule, and is let through", bad)
		}
	}
}

// wrongNames are the rules that a metric breaks: those of Prometheus' own linter, and that of
// one prefix.
func wrongNames(m Metric) (wrong []string) {
	words := strings.Split(m.Name, "_")
	add := func(broken bool, rule string) {
		if broken {
			wrong = append(wrong, rule)
		}
	}
	add(!regexp.MustCompile(`^slipway(_[a-z0-9]+)+$`).MatchString(m.Name), "a name is lower case words, and begins with slipway")
	add((m.Kind == Counter) != strings.HasSuffix(m.Name, "_total"), "a counter ends with _total, and nothing else does")
	add(m.Help == "" || !strings.HasSuffix(m.Help, "."), "a metric has a sentence of help")
	for _, w := range words {
		add(slices.Contains([]string{"gauge", "counter", "histogram", "summary", "metric"}, w), "a name does not have its type in it")
		add(slices.Contains([]string{"ms", "us", "ns", "sec", "s", "min", "hours", "days", "milliseconds", "microseconds", "kb", "mb", "b", "kilobytes", "megabytes", "percent"}, w), "units are seconds and bytes, in full")
		add(slices.Contains([]string{"count", "sum", "bucket", "info"}, words[len(words)-1]) && words[len(words)-1] != "info", "endings of histograms are theirs")
	}
	for i, l := range m.Labels {
		add(!regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(l) || strings.HasPrefix(l, "__") || l == "le" || l == "quantile", "a label has a name of its own")
		add(slices.Contains(m.Labels[:i], l), "a label is there once")
	}
	return wrong
}

var sampleLine = regexp.MustCompile(`^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.]+)$`)

// The text has the grammar of the format: HELP and TYPE once before the samples of a metric,
// all of which stand together; each sample once; labels escaped; numbers.
func TestGrammar(t *testing.T) {
	text := Text(full(t))
	samples, heads, head := map[string]bool{}, map[string]bool{}, ""
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		words := strings.SplitN(line, " ", 4)
		switch {
		case words[1] == "HELP":
			if heads[words[2]] {
				t.Errorf("%s has two heads", words[2])
			}
			head = words[2]
			heads[head] = true
		case words[1] == "TYPE":
			if words[2] != head {
				t.Errorf("%q does not follow its HELP", line)
			}
		default:
			m := sampleLine.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%q is no sample", line)
				continue
			}
			if m[1] != head {
				t.Errorf("%q does not stand with its metric", line)
			}
			if _, err := strconv.ParseFloat(m[3], 64); err != nil {
				t.Errorf("%q: %v", line, err)
			}
			if samples[m[1]+m[2]] {
				t.Errorf("%q is there twice", line)
			}
			samples[m[1]+m[2]] = true
		}
	}
	for _, m := range Table() {
		if !heads[m.Name] {
			t.Errorf("%s has no sample in the fullest input", m.Name)
		}
	}
	if want := `{group="x\ny",process="a\"b\\c"} `; !strings.Contains(text, want) {
		t.Errorf("no label is escaped as in %s", want)
	}
}

// What has no sample has no head, so that a scraper does not know of it.
func TestNothing(t *testing.T) {
	text := Text(&Input{Unread: true})
	for _, absent := range []string{"slipway_process_", "slipway_source_", "slipway_cpu"} {
		if strings.Contains(text, absent) {
			t.Errorf("%s is in\n%s", absent, text)
		}
	}
	if !strings.Contains(text, "\nslipway_sources_known 0\n") {
		t.Errorf("it does not say that the sources are not known:\n%s", text)
	}
}

func TestReadSources(t *testing.T) {
	got, err := ReadSources([]byte(`[{"source":"etcd","connected_since":"2026-01-01T00:00:00Z","stale_after":0,"revision_wanted":5,"cause":"x"}]`))
	if err != nil || len(got) != 1 || got[0].Name != "etcd" || got[0].Wanted != 5 || got[0].Connected.IsZero() || !got[0].Lost.IsZero() {
		t.Errorf("ReadSources = %+v, %v", got, err)
	}
	if got, err := ReadSources(nil); err != nil || got != nil {
		t.Errorf("of an empty file: %v, %v", got, err)
	}
	if _, err := ReadSources([]byte("{")); err == nil {
		t.Error("a file that is damaged is no error")
	}
}
