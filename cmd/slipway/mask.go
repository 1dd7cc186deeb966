package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
)

// mask and unmask are one subject: a file among those that the configuration includes, which
// leaves a program of a layer below out.

type maskOptions struct {
	imageOptions
	reason string
	output string
}

func newMask(a *app) *cobra.Command {
	var o maskOptions
	c := &cobra.Command{
		Use: "mask [-c FILE] [--reason TEXT] PROGRAM...", Short: "Leave programs of the image out, by a file", GroupID: groupInspect, Args: needPrograms,
		Long: `Leave programs out, as if no layer had brought them: a file zz-mask-PROGRAM.conf
in the folder that the configuration includes last says enabled = false. To leave out what another
program depends on is refused. A supervisor that runs takes it over with slipway update.`,
		Example: "  RUN slipway mask --reason \"nobody logs in here\" sshd",
		RunE:    func(_ *cobra.Command, args []string) error { return runMask(a, o, args) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.reason, "reason", "", "why, as a comment in the file: `TEXT`")
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.Config, exit.CannotWrite)
	return c
}

func newUnmask(a *app) *cobra.Command {
	var o maskOptions
	c := &cobra.Command{
		Use: "unmask [-c FILE] PROGRAM...", Short: "Take masks away", GroupID: groupInspect, Args: needPrograms,
		Long: "Remove what slipway mask has written. It is an error if a program has no mask.",
		RunE: func(_ *cobra.Command, args []string) error { return runUnmask(a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.Config, exit.CannotWrite)
	return c
}

// kindsOfPrograms are what the names of sections begin with that a mask can be for.
var kindsOfPrograms = []string{"program:", "eventlistener:", "fcgi-program:"}

func runMask(a *app, o maskOptions, names []string) error {
	doc, err := launch.Read(o.options(a))
	if err != nil {
		return err
	}
	folder, err := maskFolder(doc)
	if err != nil {
		return err
	}
	var sections []string
	for _, name := range names {
		i := slices.IndexFunc(kindsOfPrograms, func(kind string) bool { return doc.Section(kind+name) != nil })
		if i < 0 {
			return &coded{exit.Config, fmt.Errorf("cannot mask %s: no file has a program of that name", name), didYouMean(name, "slipway layers lists the sections", programNames(doc))}
		}
		sections = append(sections, kindsOfPrograms[i]+name)
	}
	// All masks at once: one program may depend on another that is masked with it.
	opts := o.options(a)
	opts.Overrides = func(d *dialect.Document) {
		for _, s := range sections {
			d.Set(s, "enabled", "false", dialect.Pos{File: "mask of " + s, Line: 1})
		}
	}
	masked, err := launch.Read(opts)
	if err == nil {
		err = masked.Problems()
	}
	if err != nil {
		return err
	}
	out := a.outcomes(o.output)
	for i, name := range names {
		body := "; written by slipway mask; slipway unmask " + name + " removes it\n"
		for line := range strings.Lines(o.reason) {
			body += "; " + strings.TrimRight(line, "\r\n") + "\n"
		}
		file := maskFile(folder, name)
		if err := writeOwn(file, []byte(body+"["+sections[i]+"]\nenabled = false\n")); err != nil {
			out.failed(name, &coded{exit.CannotWrite, fmt.Errorf("cannot mask %s: %w", name, err), ""})
			break
		}
		out.done(outcomeView{Name: name, Result: "masked", File: file}, name+": masked by "+file)
	}
	return out.end()
}

func runUnmask(a *app, o maskOptions, names []string) error {
	doc, err := launch.Read(o.options(a))
	if err != nil {
		return err
	}
	folder, err := maskFolder(doc)
	if err != nil {
		return err
	}
	out := a.outcomes(o.output)
	for _, name := range names {
		file := maskFile(folder, name)
		switch err := os.Remove(file); {
		case errors.Is(err, fs.ErrNotExist):
			out.failed(name, &coded{exit.Config, fmt.Errorf("cannot unmask %s: there is no %s", name, file), "slipway layers says what leaves a program out"})
		case err != nil:
			out.failed(name, &coded{exit.CannotWrite, fmt.Errorf("cannot unmask %s: %w", name, err), ""})
		default:
			out.done(outcomeView{Name: name, Result: "unmasked", File: file}, "")
		}
	}
	return out.end()
}

// maskFile is the file of a mask. Its name sorts behind those of layers, which would win over
// it otherwise.
func maskFile(folder, name string) string { return filepath.Join(folder, "zz-mask-"+name+".conf") }

// maskFolder is the folder of the last pattern among those that the configuration includes that
// takes a mask in. What is included later is read later, and wins.
func maskFolder(doc *launch.Document) (string, error) {
	here, patterns := filepath.Dir(doc.File), []string(nil)
	if s := doc.Section("include"); s != nil && s.Key("files") != nil {
		patterns = text.Words(doc.Text(s.Key("files")))
	}
	if doc.File == "" { // the built-in configuration
		here = "/"
	}
	for _, p := range slices.Backward(patterns) {
		if !filepath.IsAbs(p) {
			p = filepath.Join(here, p)
		}
		if ok, err := filepath.Match(filepath.Base(p), filepath.Base(maskFile("", "x"))); !ok || err != nil {
			continue
		}
		if info, err := os.Stat(filepath.Dir(p)); err == nil && info.IsDir() {
			return filepath.Dir(p), nil
		}
	}
	return "", &coded{exit.Config, errors.New("cannot find a folder for a mask: the configuration includes no *.conf of a folder that is there"),
		"write for instance: [include] files = /etc/slipway/conf.d/*.conf"}
}

// programNames are the names of sections that a mask can be for.
func programNames(doc *launch.Document) []string {
	var names []string
	for _, s := range doc.Sections {
		for _, kind := range kindsOfPrograms {
			if name, ok := strings.CutPrefix(s.Name, kind); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// needPrograms demands at least one name.
func needPrograms(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(c.CommandPath()+" sshd; slipway layers lists the programs", "%s takes the names of programs", c.CommandPath())
	}
	return nil
}
