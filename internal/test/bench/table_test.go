package bench

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// bound is a promise: the figure of slipway is at most max times that of a peer.
// A zero peer means that max is the figure itself.
type bound struct {
	peer string
	max  float64
}

// table collects one figure of several subjects over the rounds of a benchmark.
type table struct {
	title  string
	unit   string
	bounds []bound
	values map[string][]float64
}

func newTable(title, unit string, bounds ...bound) *table {
	return &table{title: title, unit: unit, bounds: bounds, values: map[string][]float64{}}
}

func (t *table) add(name string, v float64) { t.values[name] = append(t.values[name], v) }

// report prints the table, gives the medians to the benchmark, and with
// SLIPWAY_BENCH_CHECK set fails it where a bound is exceeded.
func (t *table) report(b *testing.B) {
	b.Helper()
	t.print(os.Stdout)
	unit := strings.ReplaceAll(t.unit, " ", "-")
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		b.ReportMetric(median(t.values[name]), name+"-"+unit)
	}
	for _, problem := range t.broken() {
		if os.Getenv("SLIPWAY_BENCH_CHECK") != "" {
			b.Errorf("%s: %s", t.title, problem)
		} else {
			b.Logf("%s: %s", t.title, problem)
		}
	}
}

func (t *table) print(w io.Writer) {
	names := slices.SortedFunc(maps.Keys(t.values), func(a, b string) int {
		return int(1e3*median(t.values[a])) - int(1e3*median(t.values[b]))
	})
	fmt.Fprintf(w, "\n%s\n  %-22s %12s %12s %12s %4s  %s\n", t.title, t.unit, "median", "min", "max", "n", "slipway's share")
	own := median(t.values["slipway"])
	for _, name := range names {
		v := t.values[name]
		fmt.Fprintf(w, "  %-22s %12.3f %12.3f %12.3f %4d", name, median(v), slices.Min(v), slices.Max(v), len(v))
		if m := median(v); name != "slipway" && m > 0 && len(t.values["slipway"]) > 0 {
			fmt.Fprintf(w, "  %.4f", own/m)
		}
		for _, bd := range t.bounds {
			if bd.peer == name {
				fmt.Fprintf(w, " (promised: at most %g)", bd.max)
			}
		}
		fmt.Fprintln(w)
	}
}

// broken are the promises that the figures do not keep.
func (t *table) broken() []string {
	var out []string
	own, ok := t.values["slipway"]
	if !ok {
		return []string{"no figure of slipway"}
	}
	for _, bd := range t.bounds {
		switch peer, ok := t.values[bd.peer]; {
		case bd.peer == "":
			if got := median(own); got > bd.max {
				out = append(out, fmt.Sprintf("%.3f %s, promised is at most %g", got, t.unit, bd.max))
			}
		case !ok:
			out = append(out, "no figure of "+bd.peer)
		default:
			if got := median(own) / median(peer); got > bd.max {
				out = append(out, fmt.Sprintf("%.4f times %s, promised is at most %g", got, bd.peer, bd.max))
			}
		}
	}
	return out
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bound  bound
		values map[string][]float64
		want   string
	}{
		{"kept", bound{"s6", 1.2}, map[string][]float64{"slipway": {1, 9, 2}, "s6": {2}}, ""},
		{"exceeded", bound{"s6", 0.5}, map[string][]float64{"slipway": {2}, "s6": {2}}, "1.0000 times s6, promised is at most 0.5"},
		{"absolute", bound{"", 0}, map[string][]float64{"slipway": {0.25}}, "0.250 ms, promised is at most 0"},
		{"peer absent", bound{"s6", 1}, map[string][]float64{"slipway": {1}}, "no figure of s6"},
		{"itself absent", bound{"s6", 1}, map[string][]float64{"s6": {1}}, "no figure of slipway"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tb := &table{unit: "ms", bounds: []bound{tt.bound}, values: tt.values}
			if got := strings.Join(tb.broken(), "; "); got != tt.want {
				t.Errorf("broken() = %q, want %q", got, tt.want)
			}
		})
	}
}
