package launch

import (
	"slices"
	"time"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/sources/gather"
	"slipway/supervise/config"
	"slipway/supervise/control"
)

// Watched are the files and folders that values and templates come from, sorted. They
// need not exist.
func (im *Image) Watched() []string {
	c := &im.Config.Slipway
	paths := slices.Concat(gather.Watched(c.Sources, im.Document.request(c)), c.Templates, c.Data, im.readableFolders())
	for _, file := range im.templates().files {
		if !slices.ContainsFunc(c.Templates, func(tree string) bool { return inside(file, tree) }) {
			paths = append(paths, file)
		}
	}
	paths = append(paths, im.valueFiles()...)
	slices.Sort(paths)
	return slices.DeleteFunc(slices.Compact(paths), func(p string) bool { return p == "" })
}

// valueFiles are the files of values, those that were shadowed included: what shadows
// them may go.
func (im *Image) valueFiles() []string {
	origins := gather.FileOrigins()
	var files []string
	for _, l := range im.from.layers {
		for _, v := range l.Vars {
			if o := v.Value.Origin; slices.Contains(origins, o.Source) {
				files = append(files, o.File)
			}
		}
	}
	return files
}

// CanChange reports whether a render may have another result later: a source program is
// followed, or values that programs are restarted for come from files; or there are targets,
// and their values come from files, or they or their templates from what was mounted
// into the image. The files of an image itself do not change.
func (im *Image) CanChange(plan *render.Plan) bool {
	if len(im.from.settings.Followed()) > 0 || followsNames(im.from.settings) {
		return true
	}
	if len(plan.Targets) == 0 {
		return len(im.restartOn()) > 0 && len(im.valueFiles()) > 0
	}
	return len(im.valueFiles()) > 0 || len(im.Config.Slipway.Data) > 0 || isMounted(im.Watched())
}

// followsNames reports whether there is a peer whose name in DNS is followed.
func followsNames(s *sections.Sources) bool {
	return slices.ContainsFunc(s.Links, func(l sections.Link) bool { return l.Followed() })
}

// MinIntervals are the shortest times between two reloads, by program: its own, or that
// of a template that notifies it, whichever is longer.
func (im *Image) MinIntervals() map[string]time.Duration {
	least := map[string]time.Duration{}
	for i := range im.Config.Groups {
		for j := range im.Config.Groups[i].Processes {
			p := &im.Config.Groups[i].Processes[j]
			for _, name := range notifiedAs(p) {
				least[name] = max(least[name], p.MinInterval)
			}
		}
	}
	for _, t := range im.Files.Templates {
		for _, program := range t.Notify {
			least[program] = max(least[program], t.MinInterval)
		}
	}
	return least
}

// restartOn are the variables that programs are restarted for, by program.
func (im *Image) restartOn() map[string][]string {
	names := map[string][]string{}
	for i := range im.Config.Groups {
		for j := range im.Config.Groups[i].Processes {
			if p := &im.Config.Groups[i].Processes[j]; len(p.RestartOn) > 0 {
				names[p.Program] = p.RestartOn
			}
		}
	}
	return names
}

// Restarts are the programs that are to be restarted because variables have another value
// than before, each with the names of these.
func (im *Image) Restarts(before *Decided) map[string][]string {
	out := map[string][]string{}
	for program, names := range im.restartOn() {
		for _, name := range names {
			was, _, wasSet := before.Values.Get(name)
			is, _, isSet := im.Values.Get(name)
			if was != is || wasSet != isSet {
				out[program] = append(out[program], name)
			}
		}
	}
	return out
}

// notifiedAs are the names by which notify can mean a process: its program's, its
// group's, and its own.
func notifiedAs(p *config.Process) []string {
	names := []string{p.Program, p.Group, control.FullName(p.Group, p.Name)}
	slices.Sort(names)
	return slices.Compact(names)
}

// HealthLimits are how long programs may take to come back after a reload: what their own
// options allow them, one process after the other, and a minute at least.
func (im *Image) HealthLimits() map[string]time.Duration {
	limits := map[string]time.Duration{}
	for i := range im.Config.Groups {
		for j := range im.Config.Groups[i].Processes {
			p := &im.Config.Groups[i].Processes[j]
			own := p.StopWait + p.StartSecs + p.Ready.Timeout
			if p.Health.Probe.Kind != config.ProbeNone {
				own += time.Duration(p.Health.Retries+1) * (p.Health.Interval + p.Health.Timeout)
			}
			for _, name := range notifiedAs(p) {
				limits[name] += max(own, time.Minute)
			}
		}
	}
	return limits
}
