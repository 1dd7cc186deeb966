package environ

import (
	"testing"

	"slipway/sources"
	"slipway/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		Source: Source,
		Put: func(_ *testing.T, vars map[string]string) sourcetest.Read {
			var environ []string
			for _, n := range sorted(vars) {
				environ = append(environ, n+"="+vars[n])
			}
			return func() (sources.Layer, []sources.Note, error) {
				l, notes := Capture(environ)
				return l, notes, nil
			}
		},
	})
}

func sorted(vars map[string]string) []string {
	l := sources.Layer{}
	for n := range vars {
		l.Vars = append(l.Vars, sources.Var{Name: n})
	}
	return sources.Merge(l).Names()
}
