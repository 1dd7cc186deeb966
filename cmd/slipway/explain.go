package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"slipway/internal/launch"
	"slipway/render"
)

// explained is the JSON of run --explain.
type explained struct {
	Files []string `json:"files"` // of the configuration, in the order in which they are read
	launch.Start
}

// runExplain says what run would do, step by step, and does nothing. What is known is
// printed before the step that fails: the last line says how far a start would come.
func runExplain(ctx context.Context, a *app, o runOptions) error {
	text := o.output == "text"
	doc, err := launch.Read(o.options(a))
	if err != nil {
		return err
	}
	if text {
		for i, f := range doc.Places() {
			fmt.Fprint(a.stdout, hanging(startLabel("reads", i)+f+"\n", terminalWidth(a.stdout)))
		}
	}
	im, err := o.load(ctx, a)
	if err != nil {
		return err
	}
	where := launch.ApplyOptions{NothingRuns: true}
	plan, im, err := o.examine(ctx, im, where)
	if err != nil {
		return err
	}
	res, err := im.Compare(plan, where)
	if err != nil {
		return err
	}
	a.notes(im.AllNotes())
	start := im.Explain(res, o.command, o.root == "" && im.CanChange(plan))
	if !text {
		return a.writeRedacted(0, func(w io.Writer) error { return writeJSON(w, explained{doc.Places(), start}) })
	}
	return a.writeRedacted(terminalWidth(a.stdout), func(w io.Writer) error { return writeStart(w, start) })
}

// writeRedacted prints what write writes, without the secrets of the image, and folds it to
// the width of a terminal: in this order, so that no fold hides a secret.
func (a *app) writeRedacted(width int, write func(io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(a.stdout, hanging(a.redact(b.String()), width))
	return err
}

// startLabel is the word of a block before its first line, and blanks before the others.
func startLabel(word string, i int) string {
	if i > 0 {
		word = ""
	}
	return fmt.Sprintf("%-9s", word)
}

func writeStart(w io.Writer, s launch.Start) error {
	for i, v := range s.Values {
		line := plural(v.Values, "value") + " of " + v.Source
		if len(v.Files) > 0 {
			line += ": " + strings.Join(v.Files, ", ")
		}
		if v.Failed != "" {
			line += " (" + v.Failed + ")"
		}
		fmt.Fprintln(w, startLabel("values", i)+line)
	}
	for i, f := range s.Renders {
		fmt.Fprintf(w, "%s%s: %s\n", startLabel("renders", i), f.File, f.Action)
		startDetail(w, "from", f.Template)
		switch {
		case f.ReadsAll:
			startDetail(w, "reads", "the environment as a whole")
		case len(f.Reads) > 0:
			startDetail(w, "reads", strings.Join(f.Reads, ", "))
		}
		if f.Secret {
			startDetail(w, "holds", "a secret")
		}
		startDetail(w, "check", f.Check)
		startDetail(w, "notify", strings.Join(f.Notify, ", "))
	}
	if len(s.Renders) == 0 {
		fmt.Fprintln(w, startLabel("renders", 0)+"nothing")
	}
	for i, p := range s.Starts {
		fmt.Fprintln(w, startLabel("starts", i)+strconv.Itoa(i+1)+". "+p.Name)
		writeProgram(w, p)
	}
	if len(s.Starts) == 0 {
		fmt.Fprintln(w, startLabel("starts", 0)+"nothing")
	}
	for i, p := range s.Stays {
		fmt.Fprintln(w, startLabel("stays", i)+p.Name)
		writeProgram(w, p)
	}
	if s.Follows {
		fmt.Fprintln(w, startLabel("then", 0)+"slipway watch follows what can change, and renders again")
	}
	return nil
}

func writeProgram(w io.Writer, p launch.StartProgram) {
	startDetail(w, "first", commandOf(p.PreStart, "pre_start"))
	startDetail(w, "command", oneLine(p.Command))
	startDetail(w, "later", commandOf(p.PostStart, "post_start"))
	startDetail(w, "from", p.Place)
	startDetail(w, "when", p.When)
	startDetail(w, "as", p.As)
	startDetail(w, "up", p.Up)
	startDetail(w, "listens", strings.Join(p.Sockets, ", "))
}

// commandOf is a command with the option that has it, "" for none.
func commandOf(command, option string) string {
	if command == "" {
		return ""
	}
	return oneLine(command) + " (" + option + ")"
}

// startDetail prints a line of a file or a program, unless there is nothing to say.
func startDetail(w io.Writer, word, text string) {
	if text != "" {
		fmt.Fprintf(w, "%12s%-9s%s\n", "", word, text)
	}
}

// examine is all that a start finds out before it writes.
func (o runOptions) examine(ctx context.Context, im *launch.Image, where launch.ApplyOptions) (*render.Plan, *launch.Image, error) {
	plan, err := im.Plan(ctx, where)
	if err != nil {
		return nil, im, err
	}
	if len(o.command) > 0 {
		if _, err := im.LookCommand(plan, o.command[0]); err != nil {
			return nil, im, err
		}
	}
	if im, err = im.CheckCommands(plan, true); err != nil {
		return nil, im, err
	}
	if len(o.command) == 0 {
		if err := im.CheckPrograms(); err != nil {
			return nil, im, err
		}
	}
	return plan, im, nil
}
