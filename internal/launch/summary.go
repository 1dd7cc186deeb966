package launch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/render"
	"slipway/supervise/config"
)

// Summary is a start in one line: what was rendered, from where, how long it took since
// slipway began, and how much it starts. It is "" where nobody asked for any such thing:
// of a command alone, for which slipway is only what tini is, and above loglevel info.
func (im *Image) Summary(plan *render.Plan, changed []string, command bool, took time.Duration) string {
	programs := 0
	for _, g := range im.Config.Groups {
		programs += len(g.Processes)
	}
	made := plan.Makes()
	if im.Config.Supervisord.Loglevel > config.LevelInfo || command && programs == 0 && len(made) == 0 {
		return ""
	}
	if command {
		programs++
	}
	text := "nothing to render"
	if len(made) > 0 {
		text = "rendered " + count(len(made), "file")
		if n := len(changed); n != len(made) {
			text += fmt.Sprintf(" (%d changed)", n)
		}
		if from := im.from.sourcesOf(plan); len(from) > 0 {
			text += " from " + strings.Join(from, ", ")
		}
	}
	return fmt.Sprintf("%s in %s; %s to start", text, took.Round(time.Millisecond), count(programs, "program"))
}

// sourcesOf are the sources of the values that went into the files of a plan, sorted.
func (p *peered) sourcesOf(plan *render.Plan) []string {
	var from []string
	add := func(source string) {
		if source != "" && !slices.Contains(from, source) {
			from = append(from, source)
		}
	}
	for _, t := range plan.Targets {
		names := t.Reads
		if t.ReadsAll {
			names = p.values.Names()
		}
		for _, name := range names {
			if e, ok := p.values.Lookup(name); ok {
				add(e.Value.Origin.Source)
			}
		}
	}
	for _, pair := range p.store.Pairs() {
		add(pair.Value.Origin.Source)
	}
	slices.Sort(from)
	return from
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
