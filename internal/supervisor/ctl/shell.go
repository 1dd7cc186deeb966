package ctl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/peterh/liner"
	"golang.org/x/sys/unix"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

// shell reads and runs commands until quit, the end of input or Ctrl-C. It begins
// with the status.
func (c *controller) shell(prompt string) {
	c.execInShell("status")
	for {
		line, err := c.in.ReadLine(prompt)
		switch {
		case errors.Is(err, errInterrupted):
			return // the editor has ended the line
		case err != nil:
			c.exec("EOF")
			return
		}
		if c.execInShell(line) {
			return
		}
	}
}

// execInShell is exec for a command that Ctrl-C ends, and the shell with it, as
// Python's exception does.
func (c *controller) execInShell(line string) (quit bool) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c.ctx, c.attended = ctx, false
	quit = c.exec(line)
	c.ctx = context.Background()
	if ctx.Err() != nil && !c.attended {
		c.print("")
		return true
	}
	return quit
}

// input reads lines: from a terminal with editing, history and completion, from
// anything else plainly, with the prompt on standard output all the same.
type input struct {
	stdin    io.Reader
	out      io.Writer
	plain    *bufio.Reader
	term     *liner.State // nil unless on a terminal
	history  string
	saved    bytes.Buffer // history while the terminal is given back
	complete func(line string) []string
}

func newInput(stdin io.Reader, stdout io.Writer, history string) *input {
	return &input{stdin: stdin, out: stdout, plain: bufio.NewReader(stdin), history: history}
}

// terminal starts editing with the first line that is wanted, so that a command
// which reads none leaves the terminal alone. It returns nil without a terminal.
func (in *input) terminal() *liner.State {
	f, ok := in.stdin.(*os.File)
	if in.term != nil || !ok || f != os.Stdin {
		return in.term
	}
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeCharDevice == 0 || !liner.TerminalSupported() {
		return nil
	}
	in.term = liner.NewLiner()
	in.term.SetCtrlCAborts(true)
	in.term.SetTabCompletionStyle(liner.TabPrints)
	in.term.SetCompleter(func(line string) []string {
		if in.complete == nil {
			return nil
		}
		return in.complete(line)
	})
	if in.saved.Len() > 0 {
		_, _ = in.term.ReadHistory(&in.saved) // from memory
	} else if h, err := os.Open(in.history); err == nil {
		_, _ = in.term.ReadHistory(h) // a history that cannot be read is no history
		_ = h.Close()
	}
	return in.term
}

// Suspend implements lineReader.
func (in *input) Suspend() {
	if in.term == nil {
		return
	}
	in.saved.Reset()
	_, _ = in.term.WriteHistory(&in.saved) // to memory
	_ = in.term.Close()
	in.term = nil
}

// ReadPlain implements lineReader. It looks before it reads, because a read cannot
// be taken back: it would swallow the next line of the shell.
func (in *input) ReadPlain(ctx context.Context) (string, error) {
	f, isFile := in.stdin.(*os.File)
	for isFile && in.plain.Buffered() == 0 {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return "", err
		}
		if ready > 0 {
			break
		}
	}
	line, err := in.plain.ReadString('\n')
	if err != nil && line == "" {
		return "", io.EOF
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// ReadLine implements lineReader.
func (in *input) ReadLine(prompt string) (string, error) {
	term := in.terminal()
	if term == nil {
		fmt.Fprint(in.out, prompt)
		return in.ReadPlain(context.Background())
	}
	line, err := in.prompt(term, prompt)
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", errInterrupted
	}
	if err == nil && strings.TrimSpace(line) != "" {
		term.AppendHistory(line)
	}
	return line, err
}

// prompt lets the user edit a line. liner prints the prompt before it takes Ctrl-C
// for a key, so that one pressed in between arrives as a signal.
func (in *input) prompt(term *liner.State, prompt string) (string, error) {
	type typed struct {
		line string
		err  error
	}
	got := make(chan typed, 1)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { // ends with the line; after a signal the process ends before it
		line, err := term.Prompt(prompt)
		got <- typed{line, err}
	}()
	select {
	case t := <-got:
		return t.line, t.err
	case <-ctx.Done():
		return "", liner.ErrPromptAborted
	}
}

// ReadPassword implements lineReader.
func (in *input) ReadPassword(prompt string) (string, error) {
	term := in.terminal()
	if term == nil {
		return in.ReadLine(prompt)
	}
	return term.PasswordPrompt(prompt)
}

// Close gives the terminal back and writes the history.
func (in *input) Close() {
	in.Suspend()
	if in.history == "" || in.saved.Len() == 0 {
		return
	}
	// The history holds what was typed, which may be a secret. That it cannot be
	// written is no reason to complain at the end of a shell.
	if f, err := os.OpenFile(in.history, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
		_, _ = in.saved.WriteTo(f)
		_ = f.Close()
	}
}

// complete returns the lines that line can be completed to.
func (c *controller) complete(line string) []string {
	before, word := "", line
	if i := strings.LastIndexByte(line, ' '); i >= 0 {
		before, word = line[:i+1], line[i+1:]
	}
	var out []string
	for _, w := range c.candidates(strings.Fields(before), word) {
		if strings.HasPrefix(w, word) {
			out = append(out, before+w+" ")
		}
	}
	return out
}

// candidates returns the words that may follow the words before.
func (c *controller) candidates(before []string, word string) []string {
	if len(before) == 0 || before[0] == "help" {
		out := []string{}
		for _, row := range commandTable() {
			out = append(out, row.name)
		}
		return out
	}
	if c.infos == nil {
		infos, err := c.structs("getAllProcessInfo")
		if err != nil {
			return nil
		}
		c.infos = infos
	}
	switch before[0] {
	case "add", "remove", "update":
		var groups []string
		for _, info := range c.infos {
			if g := info.String("group"); !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
		return groups
	case "clear", "fg", "pid", "restart", "signal", "start", "status", "stop", "tail":
		return processWords(c.infos, word)
	}
	return nil
}

// processWords returns names: the short one where it is enough, and group:* where
// there is a group.
func processWords(infos []xmlrpc.Struct, word string) []string {
	var out []string
	add := func(w string) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, info := range infos {
		group, name := info.String("group"), info.String("name")
		if strings.Contains(word, ":") || group != name {
			add(group + ":" + name)
			add(group + ":*")
		} else {
			add(control.FullName(group, name))
		}
	}
	return out
}
