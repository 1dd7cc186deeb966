package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/supervise/dialect"
)

type layersOptions struct {
	imageOptions
	output string
}

func newLayers(a *app) *cobra.Command {
	var o layersOptions
	c := &cobra.Command{
		Use: "layers [SECTION]...", Short: "Show every section with the file and line of each key, and what it shadowed", GroupID: groupInspect,
		Long: `Show the configuration of all layers as it was merged: every section, every key, the
file and line that it came from, and the values of other files that it won over. What
is left out is listed with what says so: enabled, profiles, SLIPWAY_DISABLE, SLIPWAY_ONLY.`,
		RunE: func(c *cobra.Command, args []string) error { return runLayers(c.Context(), a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.Config)
	return c
}

// layerSection and layerKey are the JSON of layers.
type layerSection struct {
	Section string     `json:"section"`
	Keys    []layerKey `json:"keys"`
}

type layerKey struct {
	Key      string     `json:"key"`
	Value    string     `json:"value"`
	File     string     `json:"file"`
	Line     int        `json:"line"`
	Shadowed []layerKey `json:"shadowed,omitempty"` // nearest first
}

func runLayers(_ context.Context, a *app, o layersOptions, only []string) error {
	read, err := launch.Read(o.options(a))
	if err != nil {
		return err
	}
	doc := read.Document
	hide := hiderOf(doc)
	sections := make([]layerSection, 0, len(doc.Sections))
	for _, s := range doc.Sections {
		if len(only) > 0 && !matchesAny(only, s.Name) {
			continue
		}
		sections = append(sections, layersOf(s, hide))
	}
	if len(only) > 0 && len(sections) == 0 {
		return &coded{exit.Config, fmt.Errorf("cannot find a section %s", strings.Join(only, " or ")), "slipway layers shows all"}
	}
	if o.output == "json" {
		return writeJSON(a.stdout, map[string]any{"files": doc.Files, "sections": sections, "left_out": leftOutOf(read)})
	}
	return writeLayers(a, read, sections)
}

// layerOut is the JSON of what is not to run.
type layerOut struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

func leftOutOf(d *launch.Document) []layerOut {
	out := []layerOut{}
	for _, l := range d.LeftOut() {
		out = append(out, layerOut(l))
	}
	return out
}

// matchesAny reports whether a section is meant by a word: its name, or what
// comes before or after the colon.
func matchesAny(words []string, name string) bool {
	kind, rest, _ := strings.Cut(name, ":")
	for _, w := range words {
		if w = strings.Trim(w, "[]"); w == name || w == kind || w == rest {
			return true
		}
	}
	return false
}

func layersOf(s *dialect.Section, hide hider) layerSection {
	out := layerSection{Section: s.Name, Keys: []layerKey{}}
	for i := range s.Keys {
		k := &s.Keys[i]
		l := layerKeyOf(s.Name, k, hide)
		for j := len(k.Shadowed) - 1; j >= 0; j-- {
			l.Shadowed = append(l.Shadowed, layerKeyOf(s.Name, &k.Shadowed[j], hide))
		}
		out.Keys = append(out.Keys, l)
	}
	return out
}

func layerKeyOf(section string, k *dialect.Key, hide hider) layerKey {
	return layerKey{Key: k.Name, Value: hide.value(section, k), File: k.Pos.File, Line: k.Pos.Line}
}

func (k layerKey) place() string { return dialect.Pos{File: k.File, Line: k.Line}.String() }

func writeLayers(a *app, doc *launch.Document, sections []layerSection) error {
	for i, f := range doc.Files {
		if f == "" {
			f = "(built-in configuration)"
		}
		word := "file"
		if i > 0 {
			word = "    "
		}
		fmt.Fprintf(a.stdout, "%s %s\n", word, f)
	}
	for _, out := range leftOutOf(doc) {
		fmt.Fprintf(a.stdout, "left out: %s (%s)\n", out.Name, out.Why)
	}
	for _, s := range sections {
		fmt.Fprintf(a.stdout, "\n[%s]\n", s.Section)
		t := newTable(a.stdout)
		for _, k := range s.Keys {
			t.row("  "+k.Key+" = "+k.Value, k.place())
			for _, old := range k.Shadowed {
				t.row("    shadows "+old.Value, old.place())
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return nil
}
