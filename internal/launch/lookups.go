package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/render"
	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
	"slipway/supervise/system"
)

// lookups finds the commands besides those of programs that are not there: what checks a
// file, reloads a program, probes it, or is run around its life. A start does not ask for
// them: each is missed when it is run, which may be long after. Of a script for a shell only
// what it is certain to run is looked for.
func (im *Image) lookups(plan *render.Plan) error {
	l := &lookups{im: im, made: plan.Makes()}
	for _, t := range im.Files.Templates {
		l.script(l.value("template:"+t.Dest, "check"), t.Check, im.path())
	}
	for _, c := range plan.Checks {
		l.script(l.value("check:"+c.Name, "command"), c.Command, im.path())
	}
	seen := map[string]bool{}
	for _, g := range im.Config.Groups {
		for i := range g.Processes {
			if p := &g.Processes[i]; !seen[p.Program] && (p.Autostart || p.OnDemand()) && p.OnFatal != config.OnFatalIgnore {
				seen[p.Program] = true
				l.program(p)
			}
		}
	}
	return l.found.Err(im.Document.Files)
}

type lookups struct {
	im    *Image
	made  map[string]bool
	found dialect.Report
}

// program looks for the commands of a program.
func (l *lookups) program(p *config.Process) {
	path := l.im.pathOf(p)
	section := "program:" + p.Program
	for _, kind := range []string{"eventlistener:", "fcgi-program:"} {
		if l.im.Document.Section(kind+p.Program) != nil {
			section = kind + p.Program
		}
	}
	for _, k := range hook.Kinds {
		if argv := p.Hooked.Argv(k.Name); argv != nil {
			l.command(l.value(section, k.Name), argv[0], path)
		}
	}
	if argv, err := dialect.SplitCommand(p.Reload.Command); err == nil && p.Reload.How == config.ReloadCommand {
		l.command(l.value(section, "reload"), argv[0], path)
	}
	for key, probe := range map[string]config.Probe{"ready": p.Ready.Probe, "health": p.Health.Probe} {
		if probe.Kind == config.ProbeExec {
			l.script(l.value(section, key), probe.Target, path)
		}
	}
}

// value is the place of a key's value, of the section if it has none.
func (l *lookups) value(section, key string) dialect.Problem {
	p := dialect.Problem{Section: section, Key: key, Kind: dialect.KindOther}
	s := l.im.Document.Section(section)
	if s == nil {
		return p
	}
	p.Pos = s.Pos
	if k := s.Key(key); k != nil {
		p.Pos = k.ValuePos
	}
	return p
}

// script looks for what a script of the shell runs, and for the shell.
func (l *lookups) script(at dialect.Problem, text, path string) {
	if text == "" {
		return
	}
	if err := executable(shell); err != nil && !l.made[shell] {
		l.missing(at, shell, "there is no shell to run it", "a shell runs this command: add one to the image, or leave the key out")
		return
	}
	for _, name := range certain(text) {
		l.command(at, name, path)
	}
}

const shell = "/bin/sh"

// command looks for one command.
func (l *lookups) command(at dialect.Problem, name, path string) {
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		return // below the folder that it is run in
	}
	file, found := system.FindCommand(name, path, func(file string) bool {
		_, err := os.Stat(file)
		return err == nil || l.made[absolute(file)]
	})
	if l.made[absolute(file)] {
		return
	}
	if !found && !strings.Contains(name, "/") {
		l.missing(at, name, "not found in PATH "+path, "")
		return
	}
	if err, ok := executable(file).(*CommandError); ok {
		l.missing(at, file, err.Reason, "")
	}
}

func (l *lookups) missing(at dialect.Problem, command, why, hint string) {
	at.Text = fmt.Sprintf("expected a command that can be executed, got %s: %s", command, why)
	at.Hint = hint
	l.found.Add(&at)
}

// pathOf is the PATH of what a program runs.
func (im *Image) pathOf(p *config.Process) string {
	return p.CommandPath(func(name string) (string, bool) {
		text, _, ok := im.programs.Get(name)
		return text, ok
	})
}

// path is the PATH of what slipway runs itself.
func (im *Image) path() string { return im.pathOf(&config.Process{}) }
