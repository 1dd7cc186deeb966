package sequence

import (
	"slices"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// named is an option that is a list of names.
type named struct {
	option string
	names  []string
}

// names says what is wrong with lists of names, of variables and of other programs.
func names(p *config.Process) (list []Wrong) {
	wrong := func(option, text string) { list = append(list, Wrong{option, Mistake{Text: text}}) }
	for _, of := range [...]named{{"pass_environment", p.PassEnvironment}, {"unset_environment", p.UnsetEnvironment}} {
		for _, word := range of.names {
			if begin := strings.TrimSuffix(word, "*"); strings.ContainsAny(begin, "*=") {
				wrong(of.option, "expected names of variables, or their beginning and a *, got "+dialect.Quote(word))
			}
		}
	}
	for _, of := range [...]named{{"restart_with", p.RestartWith}, {"stop_with", p.StopWith}} {
		if p.Group == p.Program && slices.Contains(of.names, p.Program) {
			wrong(of.option, "expected other programs, got "+dialect.Quote(p.Program)+", which is this one")
		}
	}
	return list
}

// Idle gives the options of a program that are set and have no effect, because of what is not
// set beside them, and that.
func Idle(p *config.Process, isSet func(option string) bool) (list []Wrong) {
	for _, x := range [...]struct {
		needs   string
		is      bool
		options []string
	}{
		{"schedule", p.Schedule != "", []string{"jitter", "overlap"}},
		{"type = oneshot", p.Conduct == config.ConductOneshot, []string{"run", "timeout"}},
		{"health", p.Health.Probe.Kind != config.ProbeNone, []string{"health_interval", "health_timeout", "health_retries", "health_successes", "health_start_period", "health_action"}},
		{"pre_start, post_start, pre_stop or post_stop", isSet("pre_start") || isSet("post_start") || isSet("pre_stop") || isSet("post_stop"), []string{"hook_timeout"}},
	} {
		for _, option := range x.options {
			if !x.is && isSet(option) {
				list = append(list, Wrong{option, Mistake{Text: option + " has no effect without " + x.needs}})
			}
		}
	}
	return list
}
