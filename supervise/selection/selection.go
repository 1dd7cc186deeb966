// Package selection leaves out the programs that are not to run: a layer below has brought
// them, and this image, or this start of it, does without. It works on a configuration before
// that is in force, so that a program that is left out is none for everything else.
package selection

import (
	"slices"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/order"
	"slipway/supervise/words"
)

// Out are the names of programs, and of groups with nothing left, that are left out, and why.
type Out map[string]string

// Apply takes out of a configuration what is not to run, and returns what that was, and the
// names in only and disable that mean nothing.
func Apply(cfg *config.Config) (out Out, unknown []string) {
	s := &cfg.Slipway
	why := map[*config.Process]string{}
	var wanted map[*config.Process]bool
	if len(s.Only) > 0 {
		wanted, unknown = closure(cfg, s.Only)
	}
	for _, name := range s.Disable {
		if !isKnown(cfg, name) {
			unknown = append(unknown, name)
		}
	}
	for _, p := range cfg.Processes() {
		switch {
		case !p.Enabled:
			why[p] = "enabled = false"
		case len(p.Profiles) > 0 && !slices.ContainsFunc(p.Profiles, func(one string) bool { return slices.Contains(s.Profiles, one) }):
			why[p] = "SLIPWAY_PROFILES has not " + words.Or(p.Profiles)
		case slices.ContainsFunc(s.Disable, p.IsCalled):
			why[p] = "SLIPWAY_DISABLE"
		case wanted != nil && !wanted[p]:
			why[p] = "SLIPWAY_ONLY = " + strings.Join(s.Only, ", ")
		}
	}
	if len(why) == 0 {
		return nil, unknown
	}
	return remove(cfg, why), unknown
}

func isKnown(cfg *config.Config, name string) bool {
	for _, p := range cfg.Processes() {
		if p.IsCalled(name) {
			return true
		}
	}
	return false
}

// closure is the processes of these names with all that they depend on.
func closure(cfg *config.Config, names []string) (all map[*config.Process]bool, unknown []string) {
	byName := map[string][]*config.Process{}
	for g, p := range cfg.Processes() {
		for _, name := range []string{p.Program, g.Name, g.Name + ":" + p.Name} {
			byName[name] = append(byName[name], p)
		}
	}
	all = map[*config.Process]bool{}
	var queue []*config.Process
	add := func(name string) bool {
		for _, p := range byName[name] {
			if !all[p] {
				all[p] = true
				queue = append(queue, p)
			}
		}
		return byName[name] != nil
	}
	for _, name := range names {
		if !add(name) {
			unknown = append(unknown, name)
		}
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, word := range p.DependsOn {
			if !add(word) {
				add(order.ParseNeed(word).Name)
			}
		}
	}
	return all, unknown
}

// remove takes processes out, and groups that have none any more.
func remove(cfg *config.Config, why map[*config.Process]string) Out {
	out := Out{}
	groups := cfg.Groups[:0]
	for i := range cfg.Groups {
		g := cfg.Groups[i]
		var left []config.Process
		for j := range g.Processes {
			p := &cfg.Groups[i].Processes[j]
			if why[p] == "" {
				left = append(left, *p)
				continue
			}
			out[p.Program], out[g.Name+":"+p.Name] = why[p], why[p]
		}
		if len(left) == 0 && len(g.Processes) > 0 {
			out[g.Name] = whyNone(cfg.Groups[i].Processes, why)
		}
		if len(left) > 0 || len(g.Processes) == 0 {
			g.Processes = left
			groups = append(groups, g)
		}
	}
	cfg.Groups = groups
	for name, reason := range out {
		if !strings.Contains(name, ":") {
			cfg.LeftOut = append(cfg.LeftOut, config.LeftOut{Name: name, Why: reason})
		}
	}
	slices.SortFunc(cfg.LeftOut, func(a, b config.LeftOut) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// whyNone is why nothing of a group runs: what its processes have in common, or what is the case
// with each program.
func whyNone(processes []config.Process, why map[*config.Process]string) string {
	first := why[&processes[0]]
	var each []string
	same := true
	for i := range processes {
		p := &processes[i]
		same = same && why[p] == first
		if one := p.Program + ": " + why[p]; !slices.Contains(each, one) {
			each = append(each, one)
		}
	}
	if same {
		return first
	}
	return strings.Join(each, ", ")
}
