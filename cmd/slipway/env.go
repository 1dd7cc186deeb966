package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/sources"
	"slipway/sources/link"
)

type envOptions struct {
	imageOptions
	fresh   bool
	explain string
	output  string
}

func newEnv(a *app) *cobra.Command {
	var o envOptions
	c := &cobra.Command{
		Use: "env [--explain NAME]", Short: "Show the merged values and where each came from", GroupID: groupInspect, Args: noArgs,
		Long: `Show the merged values, where each came from, and what it won over. Secrets are
redacted; docs/how-to/secrets.md says in which forms they are found.

Where a supervisor runs, its values are shown: what it decided at the start, not what
the present shell has. With -c or --fresh the image is read as a start would.

As env, what programs get is printed: NAME=value lines. A secret is left out.`,
		RunE: func(c *cobra.Command, _ []string) error { return runEnv(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.explain, "explain", "", "everything that is known about one `NAME`")
	c.Flags().BoolVar(&o.fresh, "fresh", false, "as a start would find them now, also where a supervisor runs")
	outputFlag(c, &o.output, "table", "json", "env")
	imageExits(c)
	return c
}

// valueView is a value as JSON. Its text is redacted when it is secret.
type valueView struct {
	Name     string        `json:"name,omitempty"`     // of the variable
	Value    sources.Value `json:"value"`              // redacted if it is secret
	Secret   bool          `json:"secret,omitempty"`   // whether it is never shown
	Source   string        `json:"source"`             // that gave it
	Place    string        `json:"place"`              // where in the source
	Is       string        `json:"is,omitempty"`       // what a link variable is
	Shadowed []valueView   `json:"shadowed,omitempty"` // values of weaker sources, nearest first
}

func runEnv(ctx context.Context, a *app, o envOptions) error {
	values, err := a.values(ctx, o.imageOptions, o.fresh)
	if err != nil {
		return err
	}
	if o.explain != "" {
		return explainValue(a, values, o)
	}
	switch o.output {
	case "json":
		views := []valueView{}
		for _, name := range values.Values.Names() {
			views = append(views, viewOfValue(values, name))
		}
		return writeJSON(a.stdout, views)
	case "env":
		return writeEnv(a.stdout, values)
	}
	t := newTable(a.stdout, "NAME", "VALUE", "FROM", "SHADOWS")
	for _, name := range values.Values.Names() {
		e, _ := values.Values.Lookup(name)
		shadows := ""
		if len(e.Shadowed) > 0 {
			shadows = e.Shadowed[0].Origin.String()
		}
		t.row(name, shortened(e.Value.String()), e.Value.Origin.String(), shadows)
	}
	return t.flush()
}

// shortened keeps a table readable; --explain and --output show all of it.
func shortened(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// writeEnv prints the environment of programs for shells to read.
func writeEnv(w io.Writer, values *launch.Decided) error {
	for _, name := range values.ProgramNames() {
		text, secret, _ := values.Values.Get(name)
		if secret {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s=%s\n", name, shellQuoted(text)); err != nil {
			return err
		}
	}
	return nil
}

func viewOfValue(values *launch.Decided, name string) valueView {
	e, _ := values.Values.Lookup(name)
	v := shownValue(e.Value)
	v.Name = name
	if c := values.Links.Class(name); c.Kind != link.User {
		v.Is = c.Text
	}
	for _, old := range e.Shadowed {
		v.Shadowed = append(v.Shadowed, shownValue(old))
	}
	return v
}

func shownValue(v sources.Value) valueView {
	return valueView{Value: v, Secret: v.Secret, Source: v.Origin.Source, Place: v.Origin.String()}
}

// explainValue prints everything about one name.
func explainValue(a *app, values *launch.Decided, o envOptions) error {
	e, ok := values.Values.Lookup(o.explain)
	if !ok {
		hint := ""
		if near := sources.Nearest(o.explain, values.Values.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return &coded{exit.Data, fmt.Errorf("no source has a value %s", o.explain), hint}
	}
	if o.output == "json" {
		return writeJSON(a.stdout, viewOfValue(values, o.explain))
	}
	fmt.Fprintf(a.stdout, "%s = %s\n  from %s\n", o.explain, oneLine(e.Value.String()), e.Value.Origin)
	if e.Value.Secret {
		fmt.Fprintln(a.stdout, "  is a secret: files that contain it are 0600 unless told otherwise")
	}
	for _, c := range values.Links.Classes(o.explain) {
		fmt.Fprintf(a.stdout, "  is the %s\n", c.Text)
	}
	for _, old := range e.Shadowed {
		fmt.Fprintf(a.stdout, "  shadows %s\n    from %s\n", oneLine(old.String()), old.Origin)
	}
	if len(e.Shadowed) == 0 {
		fmt.Fprintln(a.stdout, "  shadows nothing")
	}
	return nil
}
