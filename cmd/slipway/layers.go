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

// layersView is the JSON of layers.
type layersView struct {
	Files    []string       `json:"files"`    // in the order in which they were read
	Sections []layerSection `json:"sections"` // in the order of their first lines
	LeftOut  []layerOut     `json:"left_out"` // programs that are not to run
}

// layerSection and layerKey are the JSON of layers.
type layerSection struct {
	Section string     `json:"section"` // without brackets
	Keys    []layerKey `json:"keys"`    // in the order of their first lines
}

type layerKey struct {
	Key      string     `json:"key"`                // its name
	Value    string     `json:"value"`              // as it is written, a password redacted
	File     string     `json:"file"`               // where it stands
	Line     int        `json:"line"`               // counted from 1
	Shadowed []layerKey `json:"shadowed,omitempty"` // that it won over, nearest first
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
		return &coded{exit.Config, fmt.Errorf("cannot find a section %s", strings.Join(only, " or ")), didYouMean(only[0], "slipway layers shows all", sectionNames(doc))}
	}
	if o.output == "json" {
		return writeJSON(a.stdout, layersView{doc.Files, sections, leftOutOf(read)})
	}
	return writeLayers(a, read, sections)
}

// layerOut is the JSON of what is not to run.
type layerOut struct {
	Name string `json:"name"` // of the program
	Why  string `json:"why"`  // what leaves it out
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
		fmt.Fprint(a.stdout, hanging(word+" "+f+"\n", terminalWidth(a.stdout)))
	}
	for _, out := range leftOutOf(doc) {
		fmt.Fprint(a.stdout, hanging(fmt.Sprintf("left out: %s (%s)\n", out.Name, out.Why), terminalWidth(a.stdout)))
	}
	for _, s := range sections {
		fmt.Fprint(a.stdout, hanging("\n["+s.Section+"]\n", terminalWidth(a.stdout)))
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

func sectionNames(doc *dialect.Document) []string {
	var names []string
	for _, s := range doc.Sections {
		names = append(names, s.Name)
	}
	return names
}
