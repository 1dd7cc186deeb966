package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/render"
	"slipway/render/porting"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
)

type portOptions struct {
	from   string
	to     string
	force  bool
	output string

	dest      string
	templates []string // SRC:DST
	delims    string
	variables string
	shell     bool
}

// portTools are what --from takes.
func portTools() []string {
	var out []string
	for _, t := range porting.Tools() {
		out = append(out, string(t))
	}
	return out
}

func newPort(a *app) *cobra.Command {
	var o portOptions
	c := &cobra.Command{
		Use: "port --from TOOL DIR [--to DIR]", Short: "Convert the templates of another tool", GroupID: groupInspect,
		Long: `Convert a folder of another tool into one for slipway: for confd the folder that holds
conf.d and templates, for envsubst the folder of *.template files that nginx's image reads,
for others any folder of templates. DIR is only read. docs/from-TOOL.md says what means
what.

Each file that was converted is printed. What has no mechanical equivalent is left as
it was, and listed on standard error with its place: it is to be done by hand. A file
that is there already and differs is an error, and then nothing is written.`,
		Example: "  slipway port --from confd /etc/confd\n  slipway port --from dockerize templates --template app.tmpl:/etc/app.conf\n" +
			"  slipway port --from envsubst /etc/nginx/templates --dest /etc/nginx/conf.d\n  COPY slipway /etc/slipway",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("slipway port --from confd /etc/confd", "slipway port takes one folder, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.from == "" {
				return usage("--from "+strings.Join(portTools(), " or --from "), "slipway port needs to know which tool %s is of", args[0])
			}
			return runPort(c.Context(), a, o, args[0])
		},
	}
	c.Flags().Var(choice{&o.from, portTools()}, "from", "tool that the folder is of:")
	_ = c.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(portTools(), cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
	c.Flags().StringVar(&o.to, "to", "slipway", "folder `DIR` to write")
	c.Flags().BoolVar(&o.force, "force", false, "replace files that are there and differ")
	_ = c.MarkFlagDirname("to") // fails only for a flag that is not there
	c.Flags().StringVar(&o.dest, "dest", "", "folder `DIR` that the files of DIR are made in")
	c.Flags().StringArrayVar(&o.templates, "template", nil, "where one file goes, as `SRC:DST`; it may be given several times")
	c.Flags().StringVar(&o.delims, "delims", "", "what encloses actions, as `LEFT:RIGHT`")
	c.Flags().StringVar(&o.variables, "variables", "", "`NAMES` that envsubst replaces, * for all; otherwise those without a lower-case letter")
	c.Flags().BoolVar(&o.shell, "shell", false, "read ${NAME:-word} in envsubst's templates as a shell does")
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.CannotWrite)
	return c
}

// folder is what the flags say of the folder.
func (o portOptions) folder() (out porting.DirOptions, err error) {
	out = porting.DirOptions{Dest: o.dest, Dests: map[string]string{}}
	out.Variables, out.Shell = strings.FieldsFunc(o.variables, func(r rune) bool { return strings.ContainsRune(" ,${}", r) }), o.shell
	if o.delims != "" {
		var ok bool
		if out.Left, out.Right, ok = strings.Cut(o.delims, ":"); !ok || out.Left == "" || out.Right == "" {
			return out, usage("--delims '<%:%>'", "cannot read --delims %q: expected LEFT:RIGHT", o.delims)
		}
	}
	for _, t := range o.templates {
		src, dst, ok := strings.Cut(t, ":")
		if !ok || src == "" || dst == "" {
			return out, usage("--template app.tmpl:/etc/app.conf", "cannot read --template %q: expected SRC:DST", t)
		}
		out.Dests[filepath.Clean(src)] = dst
	}
	return out, nil
}

// portView is a ported folder as JSON.
type portView struct {
	Files  []portedView `json:"files"`   // that were written
	ByHand []noteView   `json:"by_hand"` // what is left to do
}

type portedView struct {
	From   string             `json:"from"`   // the template of the other tool
	To     string             `json:"to"`     // the file that it became
	Action transaction.Action `json:"action"` // create, modify or unchanged
}

type noteView struct {
	render.Pos
	Call string `json:"call"` // what cannot be converted
	Text string `json:"text"` // why, and what to do
}

func runPort(ctx context.Context, a *app, o portOptions, dir string) error {
	dir = filepath.Clean(dir)
	folder, err := o.folder()
	if err != nil {
		return err
	}
	if within(dir, o.to) && porting.Tool(o.from) != porting.Confd {
		return usage("name a folder elsewhere: --to DIR", "cannot write to %s: it lies in %s, where every file is a template", o.to, dir)
	}
	files, notes, err := porting.Dir(durable.OS{}, porting.Tool(o.from), dir, folder)
	if err != nil {
		hint := ""
		if porting.Tool(o.from) == porting.Confd {
			hint = "a folder of confd holds conf.d and templates, as /etc/confd does"
		}
		return &coded{exit.Usage, err, hint}
	}
	set := make([]written, len(files))
	for i, f := range files {
		set[i] = written{from: f.From, path: f.Path, text: f.Text}
	}
	changes, err := writeSet(ctx, o.to, set, o.force)
	if err != nil {
		return err
	}
	view := portView{Files: []portedView{}, ByHand: []noteView{}}
	for i, f := range files {
		view.Files = append(view.Files, portedView{f.From, filepath.Join(o.to, f.Path), changes[i]})
	}
	for _, n := range notes {
		view.ByHand = append(view.ByHand, noteView{n.Pos, n.Call, n.Text})
	}
	if o.output == "json" {
		return writeJSON(a.stdout, view)
	}
	for _, f := range view.Files {
		if _, err := fmt.Fprintf(a.stdout, "%s -> %s\n", f.From, f.To); err != nil {
			return err
		}
	}
	for _, n := range notes {
		a.note("%s", n)
	}
	_, err = fmt.Fprintf(a.stdout, "%s converted, %s to do by hand\n", plural(len(files), "file"), plural(len(notes), "place"))
	return err
}

// within reports whether a path is dir or lies below it.
func within(dir, name string) bool {
	d, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	n, err := filepath.Abs(name)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(d, n)
	return err == nil && filepath.IsLocal(rel)
}
