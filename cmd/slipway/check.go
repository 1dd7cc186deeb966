package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/launch"
	"slipway/supervise/config/meaning"
	"slipway/supervise/decode"
	"slipway/supervise/system"
)

type checkOptions struct {
	imageOptions
	fixtures string
	machine  string
	output   string
}

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use: "check [-c FILE]", Short: "Find every mistake of an image, in one report; for RUN slipway check", GroupID: groupInspect, Args: noArgs,
		Long: `Read all configuration files and sources, and execute all templates, as a start would;
write nothing, run nothing, and ask nobody: no source program, no name server. Every
problem comes in one report: of configuration, values, templates and commands. A step
goes on with what the one before could make out, and a note says what could not be
looked at. Commands are those of programs, and those that check files, reload and probe
programs or are their hooks; of a script for a shell, what it is certain to run.

What the image needs and is not given here is invented: declared variables from their
type, peers from their name, keys. With --fixtures a file gives values that win over all
others: NAME=value lines as in an env file, those of link variables included, and lines
/KEY=value for keys of the store.

Calls that other tools understand otherwise, such as dockerize's
{{ default .Env.A "b" }}, are problems too: they render, but not to what was meant.

With --output json the report is one object on standard output, with all of it; the
messages are the same as without.

With --output supervisor-json the file of -c is given the meaning that Supervisor gives
it under the present environment, and that is printed, passwords included; templates
are left alone.`,
		Example: "  RUN slipway check\n  slipway check --fixtures production.env",
		RunE:    func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.fixtures, "fixtures", "", "`FILE` of values to check with: NAME=value and /KEY=value lines")
	_ = c.MarkFlagFilename("fixtures") // fails only for a flag that is not there
	c.Flags().StringVar(&o.machine, "machine", "", "folder `DIR` that stands for the machine: files, accounts and folders are looked up below it (supervisor-json)")
	outputFlag(c, &o.output, "text", "json", "supervisor-json")
	imageExits(c)
	return c
}

func runCheck(ctx context.Context, a *app, o checkOptions) error {
	if o.output == "supervisor-json" {
		return runMeaning(a, o)
	}
	opts := o.options(a)
	opts.Fixtures = o.fixtures
	found, err := launch.Examine(ctx, opts)
	if err != nil {
		return err
	}
	a.notes(found.Notes)
	if len(found.Invented) > 0 {
		a.note("checked with invented values for %s", strings.Join(found.Invented, ", "))
	}
	for _, what := range found.Unseen {
		a.note("not looked at: %s", what)
	}
	err = found.Err()
	if o.output == "json" {
		if err := writeJSON(a.stdout, a.checked(found)); err != nil {
			return err
		}
		return err
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "all is well: %s, %s, %s\n",
		plural(found.Files, "configuration file"), plural(found.Processes, "process"), plural(found.Targets, "rendered file"))
	return nil
}

// checkView is what a look at an image has found, as JSON.
type checkView struct {
	Well      bool          `json:"well"`      // whether the exit status is 0
	Problems  []problemView `json:"problems"`  // every mistake
	Notes     []checkNote   `json:"notes"`     // what is no error, and may be meant otherwise
	Invented  []string      `json:"invented"`  // the variables, peers and keys whose values were made up
	Unseen    []string      `json:"not_seen"`  // what could not be looked at, and why
	Files     int           `json:"files"`     // configuration files that were read
	Processes int           `json:"processes"` // that would run
	Targets   int           `json:"rendered"`  // files that templates make
}

// problemView is one mistake.
type problemView struct {
	Status int    `json:"status"`           // the exit status that it leads to
	Text   string `json:"text"`             // the message
	File   string `json:"file,omitempty"`   // of the mistake, as far as it has a place
	Line   int    `json:"line,omitempty"`   // from 1
	Column int    `json:"column,omitempty"` // from 1, in bytes
	Detail string `json:"detail,omitempty"` // lines below the message, such as the line of the template
	Hint   string `json:"hint,omitempty"`   // what to do
}

// checkNote is one note.
type checkNote struct {
	Place string `json:"place,omitempty"` // FILE:LINE:COLUMN
	Text  string `json:"text"`            // what is noted
	Hint  string `json:"hint,omitempty"`  // what to do
}

// checked is a report without secrets.
func (a *app) checked(r *launch.Report) checkView {
	v := checkView{
		Problems: []problemView{}, Notes: []checkNote{}, Invented: append([]string{}, r.Invented...), Unseen: []string{},
		Files: r.Files, Processes: r.Processes, Targets: r.Targets,
	}
	if err := r.Err(); err != nil {
		for _, p := range explain(err) {
			v.Problems = append(v.Problems, problemView{
				Status: p.status, Text: a.redact(plainWords(p.text)), File: p.at.File, Line: p.at.Line, Column: p.at.Col,
				Detail: a.redact(strings.TrimRight(p.detail, "\n")), Hint: a.redact(p.hint),
			})
		}
	}
	v.Well = len(v.Problems) == 0
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, checkNote{n.Place, a.redact(n.Text), a.redact(n.Hint)})
	}
	for _, what := range r.Unseen {
		v.Unseen = append(v.Unseen, a.redact(what))
	}
	return v
}

// runMeaning prints what a file means to Supervisor. That Supervisor refuses it is a
// meaning, too, and no error.
func runMeaning(a *app, o checkOptions) error {
	if o.config == "" {
		return usage("slipway check --output supervisor-json -c FILE", "the meaning of a file needs a file")
	}
	text, err := meaning.Marshal(meaning.Of(o.config, decode.Input{Environ: a.env, System: system.Unix(o.machine)}))
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}
