package launch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/render/language"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/sources/gather"
	"slipway/sources/kv"
	"slipway/supervise/dialect"
)

// Report is what a look at an image has found. A mistake of one step never hides those of
// another: each goes on with what it can.
type Report struct {
	// Errors are all mistakes: of the configuration in the order of the files, of values, of
	// templates, of commands.
	Errors []error
	// Notes are warnings, in the order of the steps.
	Notes []Note
	// Unseen says what could not be looked at, and why.
	Unseen []string
	// Invented are the variables, peers and keys whose values were made up.
	Invented []string
	// Files, Processes and Targets count what was looked at.
	Files, Processes, Targets int
}

// Err joins all mistakes, nil without one.
func (r *Report) Err() error { return errors.Join(r.Errors...) }

// Examine does all steps of a start but the last, which writes, and asks nobody. The error
// is ctx's cause; what is wrong with the image is in the report.
func Examine(ctx context.Context, o Options) (*Report, error) {
	o.Offline = true
	x := &examination{report: &Report{}}
	x.all(ctx, o)
	x.report.Errors = append(x.conf(), x.report.Errors...)
	return x.report, context.Cause(ctx)
}

// examination is one Examine.
type examination struct {
	report *Report
	doc    *Document // nil: there is none
	config dialect.Report
}

// found takes in what a step has found.
func (x *examination) found(err error) {
	var conf *dialect.Problems
	switch {
	case err == nil:
	case errors.As(err, &conf):
		for _, p := range conf.List {
			x.config.Add(p) // once: two steps read [slipway]
		}
	default:
		x.report.Errors = append(x.report.Errors, err)
	}
}

// conf are the mistakes of the configuration.
func (x *examination) conf() []error {
	var files []string
	if x.doc != nil {
		files = x.doc.Files
	}
	if err := x.config.Err(files); err != nil {
		return []error{err}
	}
	return nil
}

func (x *examination) unseen(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(x.report.Unseen, text) {
		x.report.Unseen = append(x.report.Unseen, text)
	}
}

func (x *examination) all(ctx context.Context, o Options) {
	doc, err := read(o)
	x.found(err)
	if doc.Document == nil {
		x.unseen("values, templates and programs: there is no configuration")
		return
	}
	x.doc = doc
	x.givenUp()
	settings, err := doc.settings()
	x.found(err)
	values, _ := doc.values(ctx, settings, o, func(err error) error {
		x.found(valueError(err))
		return nil
	})
	if ctx.Err() != nil {
		return
	}
	im, err := doc.image(values.decide())
	x.found(values.hintVariables(err))
	im.from = values
	x.found(im.needed(values.files))
	x.report.Files = len(doc.Files)
	for _, g := range im.Config.Groups {
		x.report.Processes += len(g.Processes)
	}
	im = im.noting(im.absentFolders()).noting(im.strangers())
	plan := x.templates(im)
	x.found(im.lookups(plan))
	checked, err := im.CheckCommands(plan, false)
	x.commands(im, plan, err)
	x.report.Notes, x.report.Invented = checked.AllNotes(), im.Invented()
	x.nothing(im)
}

// givenUp says which files were not read to their end.
func (x *examination) givenUp() {
	for _, p := range x.config.List {
		switch {
		case p.Kind == dialect.KindEncoding:
			x.unseen("%s: it is no UTF-8 text", p.Pos.File)
		case p.Kind == dialect.KindSyntax && p.Section == "":
			x.unseen("%s: it does not begin with a section", p.Pos.File)
		}
	}
}

// templates executes all templates. The plan says which files they make, also where some
// of them fail.
func (x *examination) templates(im *Image) *render.Plan {
	found := im.templates()
	x.found(found.err)
	x.found(im.outOfReach(found.set))
	plan, err := im.check(found.set)
	x.found(err)
	for _, t := range im.Files.Templates { // also those whose text cannot be read
		if dest := filepath.Clean(t.Dest); t.For == "" && !plan.Makes()[dest] {
			plan.Targets = append(plan.Targets, render.Target{Dest: dest, Pos: t.Pos})
		}
	}
	x.found(transaction.UnknownStaged(durable.OS{}, plan, transaction.Options{}))
	x.found(transaction.UnknownOwners(plan, im.Document.accounts()))
	x.report.Targets = len(plan.Targets)
	return plan
}

// commands takes in the commands that cannot be run. One that a failed template with items
// may make is not known to be missing.
func (x *examination) commands(im *Image, plan *render.Plan, err error) {
	for _, one := range unjoined(err) {
		var c *CommandError
		if errors.As(one, &c) && c.missing != "" {
			if dest := im.mayMake(plan, absolute(c.missing)); dest != "" {
				x.unseen("%s: %s may make its command, and has failed", c.Command, dest)
				continue
			}
		}
		x.found(one)
	}
}

// mayMake is the template with items that made nothing and may be meant to make a file.
func (im *Image) mayMake(plan *render.Plan, file string) string {
	for _, t := range im.Files.Templates {
		folder, _, _ := strings.Cut(t.Dest, "{{")
		folder = folder[:strings.LastIndexByte(folder, '/')+1]
		made := slices.ContainsFunc(plan.Targets, func(p render.Target) bool { return p.Pos == t.Pos })
		if t.For != "" && !made && strings.HasPrefix(file, folder) {
			return t.Dest
		}
	}
	return ""
}

// nothing reports an image of which nothing was found: a check of it is not meant.
func (x *examination) nothing(im *Image) {
	if x.report.Processes > 0 || x.report.Targets > 0 || x.doc.File != "" || len(x.doc.Files) > 1 || len(x.report.Errors) > 0 {
		return
	}
	x.found(&NothingError{Templates: im.Config.Slipway.Templates})
}

// NothingError says that nothing at all is configured.
type NothingError struct {
	Templates []string // the folders that were looked in
}

func (e *NothingError) Error() string {
	return "cannot find anything to check: there is no configuration file, and no program and no template in the built-in folders"
}

// Hint says where files are looked for.
func (e *NothingError) Hint() string {
	return fmt.Sprintf("give the file by -c; configuration is looked for in %s, templates in %s",
		strings.Join(dialect.SearchPath("/usr/bin/slipway"), ", ")+", /etc/slipway/conf.d and /etc/supervisor/conf.d", strings.Join(e.Templates, ", "))
}

// absentFolders notes the folders of templates that the configuration names and that are not
// there: a start takes them for empty, because they may be mounted.
func (im *Image) absentFolders() []Note {
	k := im.Document.Section("slipway").Key("templates")
	if k == nil {
		return nil
	}
	var notes []Note
	for _, dir := range im.Config.Slipway.Templates {
		if _, err := (durable.OS{}).Stat(dir); err != nil && dir != noFolder && filepath.Base(dir) != noFolder {
			notes = append(notes, Note{
				Place: k.ValuePos.String(), Text: fmt.Sprintf("the template folder %s is not there, so that it makes no file", dir),
				Hint: "add it to the image, unless it is mounted when the container starts",
			})
		}
	}
	return notes
}

// noFolder is what people write for no folder at all.
const noFolder = "none"

// outOfReach finds the keys that templates name and that can never be there: etcd is asked
// for its prefixes alone.
func (im *Image) outOfReach(set language.Set) error {
	settings := im.from.settings
	if settings.Etcd == nil || len(settings.Etcd.Prefixes) == 0 || len(settings.Programs) > 0 || slices.ContainsFunc(settings.Slipway.Sources, isProgram) {
		return nil
	}
	uses, _ := language.Uses(set) // what cannot be parsed is reported by who executes it
	var problems render.Problems
	for _, u := range uses {
		if u.Kind != language.UseKey || !strings.HasPrefix(u.Name, "/") || reaches(settings.Etcd, u) {
			continue
		}
		problems = append(problems, &render.Problem{
			Kind: render.KindMissing, Dest: u.Dest, Pos: u.Pos, Name: u.Name,
			Text: fmt.Sprintf("the key %q can never be there: it is outside of the prefix %s, which is all that is read of etcd", u.Name, strings.Join(settings.Etcd.Prefixes, ", ")),
			Hint: "add it to prefix of [etcd], or write the key without a slash in front, which makes it relative to the prefix",
		})
	}
	return problems.Err()
}

// isProgram says whether a source is a program other than that of etcd.
func isProgram(name string) bool {
	return name != sections.Etcd && !slices.Contains(gather.Names(), name)
}

// reaches says whether a key can be there, or, for what reads many, one below it.
func reaches(etcd *sections.Program, u language.Use) bool {
	one := slices.Contains([]string{"kv", "kvOr", "kvExists"}, u.Func)
	return slices.ContainsFunc(etcd.Prefixes, func(p string) bool { return kv.Below(u.Name, p) || !one && kv.Below(p, u.Name) })
}

// unjoined takes joined errors apart.
func unjoined(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// strangers are notes about what another language would replace in a template.
func (im *Image) strangers() []Note {
	var notes []Note
	isSet := func(name string) bool {
		_, ok := im.Values.Lookup(name)
		return ok
	}
	for _, p := range language.Strangers(im.templates().set, isSet) {
		notes = append(notes, Note{Place: p.Pos.String(), Text: p.Text, Hint: p.Hint})
	}
	return notes
}
