package launch

import (
	"slices"

	"slipway/internal/handoff"
	"slipway/internal/launch/sections"
	"slipway/sources"
	"slipway/sources/environ"
	"slipway/sources/link"
	"slipway/sources/resolve"
	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/config/inherit"
	"slipway/supervise/system"
)

// FromSnapshot is the values and peers as the launch stage of a running container saw
// them.
func FromSnapshot(s handoff.Snapshot) *Decided {
	d := Decided{Captured: s.Captured}
	var layers []sources.Layer
	depth := 0
	for _, v := range s.Values {
		depth = max(depth, len(v.Shadowed))
	}
	// Layer by layer, weakest first, so that the merge gives the same history.
	for i := depth; i >= 0; i-- {
		var l sources.Layer
		for _, v := range s.Values {
			switch {
			case i == 0:
				l.Vars = append(l.Vars, sources.Var{Name: v.Name, Value: value(v)})
			case i <= len(v.Shadowed):
				l.Vars = append(l.Vars, sources.Var{Name: v.Name, Value: value(v.Shadowed[i-1])})
			}
		}
		layers = append(layers, l)
	}
	if s.Plain {
		layers[depth].Vars = append(layers[depth].Vars, plain(s)...)
	}
	d.Values = sources.Merge(layers...)
	d.Links = link.Parse(d.Values.Vars(), link.Own{Hostname: hostname(system.Unix(""))})
	for _, p := range s.Peers {
		d.Peers = append(d.Peers, resolve.Peer{
			Name: p.Name, Host: p.Host, Port: p.Port, Exposed: p.Exposed, Proto: p.Proto, Source: p.Source, Note: p.Note,
			Self: p.Self, Partial: p.Partial, Origin: value(p.Origin).Origin,
		})
	}
	return d.ForPrograms(false)
}

// plain are the captured variables that the snapshot does not mention again.
func plain(s handoff.Snapshot) []sources.Var {
	mentioned := make(map[string]bool, len(s.Values))
	for _, v := range s.Values {
		mentioned[v.Name] = true
	}
	layer, _ := environ.Capture(s.Captured) // what is wrong with it was noted at the start
	return slices.DeleteFunc(layer.Vars, func(v sources.Var) bool { return mentioned[v.Name] })
}

// Resume is FromSnapshot with the configuration, read as the supervisor reads it: what
// the launch stage decided about values stands, and the files are as they are now. They
// are looked for from the present folder, which is to be the supervisor's.
func Resume(s handoff.Snapshot, asSupervisord bool) (*Image, error) {
	values := FromSnapshot(s)
	doc, err := Read(Options{Config: s.Config, Kept: s.Kept, Environ: s.Captured, Argv0: InitName, AsSupervisord: asSupervisord})
	if err != nil {
		return nil, err
	}
	settings, err := sections.ReadSources(doc.Document, doc.input(s.Captured, values.SecretNames()))
	if err != nil {
		return nil, err
	}
	im, err := doc.image(values.ForPrograms(settings.Slipway.CleanLinks))
	if err != nil {
		return nil, err
	}
	return im, nil
}

// Process is a process of the configuration. That of a command line, which no file
// describes, has nothing of its own.
func (im *Image) Process(group, name string) (*config.Process, bool) {
	for i := range im.Config.Groups {
		for j := range im.Config.Groups[i].Processes {
			if p := &im.Config.Groups[i].Processes[j]; p.Group == group && p.Name == name {
				return p, true
			}
		}
	}
	if group == config.MainProgram && name == config.MainProgram {
		return &config.Process{Name: name, Group: group, Program: name, Umask: -1}, true
	}
	return nil, false
}

// EnvironOf is the environment of a process, secrets included: what the supervisor
// starts it with.
func (im *Image) EnvironOf(p *config.Process) []string {
	environ := im.Environ
	if p.Program != config.MainProgram {
		environ = boot.Without(environ, boot.EnvNotify)
	}
	return inherit.Environ(p, inherit.From{Environ: environ, Secrets: im.SecretNames(), ServerURL: im.Config.ServerURL})
}

func value(v handoff.Value) sources.Value {
	return sources.Value{Text: v.Text, Secret: v.Secret, Origin: sources.Origin{
		Source: v.Source, File: v.File, Line: v.Line, Col: v.Col, Revision: v.Revision,
	}}
}
