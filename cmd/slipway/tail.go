package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type tailOptions struct {
	controlOptions
	lines  int
	follow bool
	output string
}

func newTail(a *app) *cobra.Command {
	var o tailOptions
	c := &cobra.Command{
		Use: "tail PROGRAM [stdout|stderr]", Short: "Print the last output of a program", GroupID: groupControl,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 || len(args) == 2 && args[1] != "stdout" && args[1] != "stderr" {
				return usage("slipway tail webapp stderr", "slipway tail takes the name of one program, and stdout or stderr")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			channel := "stdout"
			if len(args) == 2 {
				channel = args[1]
			}
			return runTail(c.Context(), a, o, args[0], channel)
		},
	}
	o.flags(c)
	o.lines = 20
	c.Flags().VarP(number{&o.lines}, "lines", "n", "how many lines")
	c.Flags().BoolVarP(&o.follow, "follow", "f", false, "go on with what comes after them, until Ctrl-C")
	outputFlag(c, &o.output, "text", "json")
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

func runTail(ctx context.Context, a *app, o tailOptions, name, channel string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		out := io.Writer(a.stdout)
		if o.output == "json" {
			group, process := control.SplitName(name)
			lines := &jsonLines{w: a.stdout, mu: new(sync.Mutex), program: control.FullName(group, process), channel: channel}
			defer lines.end() // what it cannot write, nobody reads
			out = lines
		}
		if !o.follow {
			shown, err := tailFile(ctx, out, c, o, name, channel)
			if shown || err != nil {
				return failedOn(ctx, c, "show the log of", name, false, err)
			}
		}
		first := true
		err := c.Stream(ctx, func(v control.Value) error {
			text := []byte(v.Str())
			if first { // what is kept in memory
				text = lastLines(text, o.lines)
				first = false
			}
			_, err := out.Write(text)
			return err
		}, control.OpProcessRecent, control.String(name), control.String(channel), control.Bool(o.follow))
		return failedOn(ctx, c, "show the output of", name, false, err)
	})
}

// tailFile prints the end of the log file; false: there is no file.
func tailFile(ctx context.Context, w io.Writer, c client.Caller, o tailOptions, name, channel string) (bool, error) {
	info, f, err := client.OpenLog(ctx, c, name, channel)
	if err != nil || f == nil {
		if errors.Is(err, &control.Fault{Code: control.NoFile}) {
			err = nil
		}
		return false, err
	}
	defer f.Close()
	text, err := endOf(f, info.Size, o.lines)
	if err == nil {
		_, err = w.Write(text)
	}
	return true, err
}

// endOf reads the last lines of a file of that size, looking at no more than is
// needed, and never at more than 16 MiB.
func endOf(f *os.File, size int64, lines int) ([]byte, error) {
	for n := int64(16 << 10); ; n *= 4 {
		n = min(n, size, 16<<20)
		buf := make([]byte, n)
		read, err := f.ReadAt(buf, size-n)
		if err != nil && err != io.EOF {
			return nil, err
		}
		buf = buf[:read]
		if bytes.Count(buf, []byte("\n")) > lines || n == size || n == 16<<20 {
			return lastLines(buf, lines), nil
		}
	}
}

// lastLines returns the last n lines of text.
func lastLines(text []byte, n int) []byte {
	end := len(text)
	if end > 0 && text[end-1] == '\n' {
		end--
	}
	for i := end - 1; i >= 0; i-- {
		if text[i] == '\n' {
			if n--; n <= 0 {
				return text[i+1:]
			}
		}
	}
	return text
}
