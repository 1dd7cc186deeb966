package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
)

// imageOptions are the options of every command that reads an image.
type imageOptions struct{ config, root string }

func (o *imageOptions) flags(c *cobra.Command) {
	c.Flags().StringVarP(&o.config, "config", "c", "", "configuration `FILE` (default $SLIPWAY_CONFIG, else the search path, else the conf.d folders)")
	_ = c.MarkFlagFilename("config", "conf", "ini") // fails only for a flag that is not there
}

// rootFlag is for the commands that write what the image describes.
func (o *imageOptions) rootFlag(c *cobra.Command, doc string) {
	c.Flags().StringVar(&o.root, "root", "", doc)
}

// load reads the image.
func (o imageOptions) load(ctx context.Context, a *app) (*launch.Image, error) {
	return launch.Load(ctx, o.options(a))
}

func (o imageOptions) options(a *app) launch.Options {
	file := o.config
	if file == "" {
		file = a.getenv(launch.EnvConfig)
	}
	return launch.Options{
		Config: file, Root: o.root, Environ: a.env, Argv0: a.argv0, Say: func(text string) { a.notes([]launch.Note{{Text: text}}) },
		Reached: func(known launch.Known) { a.known = known },
	}
}

// notes prints warnings; each is said once.
func (a *app) notes(notes []launch.Note) {
	a.saying.Lock()
	defer a.saying.Unlock()
	for _, n := range notes {
		text := a.redact(n.String())
		if a.said[text] {
			continue
		}
		if a.said == nil {
			a.said = map[string]bool{}
		}
		a.said[text] = true
		fmt.Fprintf(a.stderr, "slipway: note: %s\n", indented(text))
		if n.Hint != "" {
			fmt.Fprintf(a.stderr, "slipway: hint: %s\n", indented(a.redact(n.Hint)))
		}
	}
}

// imageExits are the statuses that reading an image can end with.
func imageExits(c *cobra.Command, more ...int) {
	exits(c, append([]int{exit.OK, exit.Usage, exit.Data, exit.Unavailable, exit.Deadline, exit.Config}, more...)...)
}
