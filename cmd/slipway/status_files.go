package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
)

// fileView is a file that was rendered, as JSON.
type fileView struct {
	transaction.Made
	// Owed are the programs that have still to be told of it.
	Owed []string `json:"owed,omitempty"`
}

// renderedFiles are the files that were rendered for the supervisor, as the manifest has them.
func renderedFiles(boot handoff.Snapshot, d debts) ([]fileView, error) {
	views := []fileView{}
	if boot.Runtime == "" {
		return views, nil
	}
	files, err := transaction.Files(durable.OS{}, transaction.Options{Runtime: boot.Runtime})
	if err != nil {
		return nil, fmt.Errorf("cannot read what was rendered: %w", err)
	}
	redactor := launch.FromSnapshot(boot).Redactor()
	for _, f := range files {
		v := fileView{Made: f}
		for i := range v.Values {
			v.Values[i].From = redactor.Redact(v.Values[i].From)
		}
		for _, e := range d.effects {
			if slices.Contains(e.Dests, f.File) {
				v.Owed = append(v.Owed, e.Program)
			}
		}
		views = append(views, v)
	}
	return views, nil
}

// writeFiles prints them. A file that a program was not told of, a refused change and one that
// fails are an exit status of 1.
func writeFiles(a *app, output string, files []fileView, d debts) error {
	var err error
	if output == "json" {
		err = writeJSON(a.stdout, files)
	} else {
		err = fileTable(a, files)
		a.debtNotes(d)
		if r := d.refused; r != nil && r.Program != "" {
			a.note("the last change was refused at %s, because of %s: %s", r.At.Local().Format(time.DateTime), r.Program, r.Reason)
		}
	}
	if err == nil && (len(d.effects) > 0 || d.refused != nil || d.failing != nil) {
		err = &silent{1}
	}
	return err
}

func fileTable(a *app, files []fileView) error {
	t := newTable(a.stdout, "FILE", "REVISION", "VALUE", "FROM")
	for _, f := range files {
		name, rev := f.File, revision(f.Revision)
		if len(f.Owed) > 0 {
			name += " (owed to " + strings.Join(f.Owed, ", ") + ")"
		}
		if len(f.Values) == 0 {
			t.row(name, rev, "-", "-")
		}
		for i, v := range f.Values {
			if i > 0 {
				name, rev = "", ""
			}
			t.row(name, rev, oneLine(valueName(v)), oneLine(from(v)))
		}
	}
	return t.flush()
}

// valueName is how people call what went into a file.
func valueName(o render.Origin) string {
	switch o.Kind {
	case render.Variables:
		return fmt.Sprintf("the environment (%s)", plural(o.Count, "variable"))
	case render.Keys:
		if o.Count == 0 {
			return "keys below " + o.Name + "/"
		}
		return fmt.Sprintf("%s/ (%s)", strings.TrimSuffix(o.Name, "/"), plural(o.Count, "key"))
	case render.Peer:
		return "peer " + o.Name
	case render.File:
		return "file " + o.Name
	case render.Data:
		return "data files"
	}
	return o.Name
}

// from is where it is from; that it is not there is said of what is asked for by name.
func from(o render.Origin) string {
	switch {
	case o.From == "" && o.Kind == render.Keys:
		return "there are none"
	case o.From == "" && o.Kind != render.Variables && o.Kind != render.Data:
		return "not set"
	case o.From == "":
		return "-"
	case o.Secret:
		return o.From + ", a secret"
	}
	return o.From
}
