package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/templates"
)

type templatesOptions struct{ output string }

func newTemplates(a *app) *cobra.Command {
	var o templatesOptions
	c := &cobra.Command{
		Use: "templates [NAME]", Short: "List the templates that ship, or print one", GroupID: groupInspect,
		Long: `List the templates that ship with slipway, or print one. A section uses one by
source = builtin:NAME; printed into a file it is a start for one's own.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("slipway templates lists the names", "slipway templates takes one name")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return templates.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return runTemplate(a, o, args[0])
			}
			return runTemplates(a, o)
		},
	}
	outputFlag(c, &o.output, "table", "json")
	exits(c, exit.OK, exit.Usage)
	return c
}

// templateView is a template that ships, as JSON.
type templateView struct {
	Name string `json:"name"`           // after builtin:
	Doc  string `json:"doc"`            // what it makes, and from which variables
	Text string `json:"text,omitempty"` // of the one that was named
}

func runTemplates(a *app, o templatesOptions) error {
	all := templates.All()
	if o.output == "json" {
		views := make([]templateView, len(all))
		for i, t := range all {
			views[i] = templateView{t.Name, t.Doc, ""}
		}
		return writeJSON(a.stdout, views)
	}
	t := newTable(a.stdout, "NAME", "WHAT IT MAKES")
	for _, tmpl := range all {
		t.row(tmpl.Name, firstSentence(tmpl.Doc))
	}
	return t.flush()
}

func runTemplate(a *app, o templatesOptions, name string) error {
	t, ok := templates.Get(name)
	if !ok {
		return usage(didYouMean(name, "slipway templates lists them", templates.Names()), "there is no template %q", name)
	}
	if o.output == "json" {
		return writeJSON(a.stdout, templateView{t.Name, t.Doc, t.Text})
	}
	_, err := fmt.Fprint(a.stdout, t.Text)
	return err
}
