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

type followOptions struct {
	controlOptions
	output string
}

func newFollow(a *app) *cobra.Command {
	var o followOptions
	c := &cobra.Command{
		Use: "follow [PROGRAM | GROUP:*]...", Short: "Print the output of programs as it comes, each line with its program", GroupID: groupControl,
		RunE: func(c *cobra.Command, args []string) error { return runFollow(c.Context(), a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
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
					lines := lineWriter(&prefixer{w: a.stdout, mu: &mu, prefix: p.FullName() + " | "})
					if o.output == "json" {
						lines = &jsonLines{w: a.stdout, mu: &mu, program: p.FullName(), channel: channel}
					}
					results <- followOne(ctx, lines, c, p.FullName(), channel)
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
func followOne(ctx context.Context, lines lineWriter, c client.Caller, name, channel string) error {
	err := c.Stream(ctx, func(v control.Value) error { _, err := lines.Write([]byte(v.Str())); return err },
		control.OpProcessRecent, control.String(name), control.String(channel), control.Bool(true))
	if errors.Is(err, &control.Fault{Code: control.NoFile}) {
		return nil
	}
	return errors.Join(lines.end(), failed("follow", name, err))
}

// lineWriter takes text in pieces and writes whole lines; end writes one without its end.
type lineWriter interface {
	io.Writer
	end() error
}

// pending holds a line back that has no end yet.
type pending struct{ text []byte }

// add gives each line that s ends to do.
func (p *pending) add(s []byte, do func(line []byte) error) error {
	p.text = append(p.text, s...)
	i := bytes.LastIndexByte(p.text, '\n')
	if i < 0 {
		return nil
	}
	for line := range bytes.SplitSeq(p.text[:i], []byte("\n")) {
		if err := do(line); err != nil {
			return err
		}
	}
	p.text = append(p.text[:0], p.text[i+1:]...)
	return nil
}

// prefixer puts a name before every line.
type prefixer struct {
	w      io.Writer
	mu     *sync.Mutex
	prefix string
	open   pending
}

func (p *prefixer) Write(s []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(s), p.open.add(s, func(line []byte) error {
		_, err := fmt.Fprintf(p.w, "%s%s\n", p.prefix, line)
		return err
	})
}

func (p *prefixer) end() error { return endOfLines(p, p.open) }

// lineView is a line of the output of a program as JSON, one on each line.
type lineView struct {
	Program string `json:"program"` // its name, as slipway status shows it
	Channel string `json:"channel"` // stdout or stderr
	Line    string `json:"line"`    // without its end; what is no UTF-8 becomes U+FFFD
}

// jsonLines writes every line as a lineView.
type jsonLines struct {
	w                io.Writer
	mu               *sync.Mutex
	program, channel string
	open             pending
}

func (p *jsonLines) Write(s []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(s), p.open.add(s, func(line []byte) error {
		return writeJSONLine(p.w, lineView{p.program, p.channel, string(line)})
	})
}

func (p *jsonLines) end() error { return endOfLines(p, p.open) }

func endOfLines(w io.Writer, open pending) error {
	if len(open.text) == 0 {
		return nil
	}
	_, err := w.Write([]byte("\n"))
	return err
}
