package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type followOptions struct{ controlOptions }

func newFollow(a *app) *cobra.Command {
	var o followOptions
	c := &cobra.Command{
		Use: "follow [PROGRAM | GROUP:*]...", Short: "Print the output of programs as it comes, each line with its program", GroupID: groupControl,
		RunE: func(c *cobra.Command, args []string) error { return runFollow(c.Context(), a, o, args) },
	}
	o.flags(c)
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

func runFollow(ctx context.Context, a *app, o followOptions, names []string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		all, err := client.Processes(ctx, c)
		if err != nil {
			return failed("show", "the programs", err)
		}
		chosen, err := selectProcesses(all, names)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var mu sync.Mutex // one line at a time
		var streams sync.WaitGroup
		results := make(chan error, 2*len(chosen))
		for _, p := range chosen {
			for _, channel := range []string{"stdout", "stderr"} {
				streams.Go(func() { // ends with the connection or ctx; waited for below
					results <- followOne(ctx, a.stdout, &mu, c, p.FullName(), channel)
				})
			}
		}
		streams.Wait()
		close(results)
		var errs []error
		for err := range results {
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// followOne prints one channel. A program that has none (it writes to the
// container's own, or to nothing) is left out.
func followOne(ctx context.Context, w io.Writer, mu *sync.Mutex, c client.Caller, name, channel string) error {
	lines := prefixer{w: w, mu: mu, prefix: name + " | "}
	err := c.Stream(ctx, func(v control.Value) error { return lines.write(v.Str()) },
		control.OpProcessRecent, control.String(name), control.String(channel), control.Bool(true))
	if errors.Is(err, &control.Fault{Code: control.NoFile}) {
		return nil
	}
	return errors.Join(lines.end(), failed("follow", name, err))
}

// prefixer puts a name before every line.
type prefixer struct {
	w       io.Writer
	mu      *sync.Mutex
	prefix  string
	pending []byte // a line without its end
}

func (p *prefixer) write(s string) error {
	p.pending = append(p.pending, s...)
	i := bytes.LastIndexByte(p.pending, '\n')
	if i < 0 {
		return nil
	}
	whole := p.pending[:i]
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range bytes.SplitSeq(whole, []byte("\n")) {
		if _, err := fmt.Fprintf(p.w, "%s%s\n", p.prefix, line); err != nil {
			return err
		}
	}
	p.pending = append(p.pending[:0], p.pending[i+1:]...)
	return nil
}

func (p *prefixer) end() error {
	if len(p.pending) == 0 {
		return nil
	}
	return p.write("\n")
}
