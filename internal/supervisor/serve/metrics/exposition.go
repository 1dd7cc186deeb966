package metrics

import (
	"strconv"
	"strings"
)

// Kind is the type of a metric.
type Kind string

// The kinds of metrics that there are here.
const (
	Gauge   Kind = "gauge"
	Counter Kind = "counter"
)

// Metric is one row of the table: a name, and what it means.
type Metric struct {
	Name   string
	Kind   Kind
	Help   string
	Labels []string // those of each sample
}

// text is an exposition that grows: the text format of Prometheus, version 0.0.4.
type text struct{ b strings.Builder }

// family writes the head of a metric, and its samples by what each calls. A metric without a
// sample is left out.
func (t *text) family(m Metric, samples func(sample func(value float64, labels ...string))) {
	begun := false
	samples(func(value float64, labels ...string) {
		if !begun {
			t.b.WriteString("# HELP " + m.Name + " " + helpEscapes.Replace(m.Help) + "\n# TYPE " + m.Name + " " + string(m.Kind) + "\n")
			begun = true
		}
		t.b.WriteString(m.Name)
		for i, name := range m.Labels {
			t.b.WriteString(separator(i) + name + `="` + labelEscapes.Replace(strings.ToValidUTF8(labels[i], "\uFFFD")) + `"`)
		}
		if len(m.Labels) > 0 {
			t.b.WriteByte('}')
		}
		t.b.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
	})
}

func separator(i int) string {
	if i == 0 {
		return "{"
	}
	return ","
}

var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)
