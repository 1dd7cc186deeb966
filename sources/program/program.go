// Package program runs source programs: executables called slipway-source-NAME
// that speak the protocol of package protocol.
//
// A program is told its settings on standard input, never by arguments and never
// by the environment, where others could read a password. It gets TERM when the
// context ends and KILL a moment later, so that nothing it does can hold up a
// start or a stop. What it writes to standard error is kept, and becomes the
// cause in the message when it fails without giving one itself.
package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"slipway/internal/redact"
	"slipway/sources"
	"slipway/sources/protocol"
)

// Prefix begins the file name of every source program.
const Prefix = "slipway-source-"

// Defaults of a Program.
const (
	DefaultLimit = 64 << 20
	maxStderr    = 16 << 20    // in a minute
	grace        = time.Second // between TERM and KILL
)

// Program is a source program.
type Program struct {
	// Name is the name of the source, "etcd".
	Name string
	// Path is the executable; see Find.
	Path string
	// Environ is its environment: what it needs for its run-time library
	// (PATH, TZ, proxies), not what the container was given.
	Environ []string
	// Settings are the keys of its section.
	Settings []protocol.Setting
	// Timeout bounds Get; 0 means that only the context does.
	Timeout time.Duration
	// Limit is the number of bytes that are read from it for one update,
	// DefaultLimit when 0. In a minute four times as many are.
	Limit int64
	// Note is called with each line that it has for the operator; may be nil.
	Note func(text string)
	// Alone says that nobody follows the program, so that Get notes what is about to end.
	Alone bool
}

// Find returns the path of the program for a source: beside own, the path of the
// running executable, else in one of the folders, which are searched in order
// (the elements of PATH, as a rule). known are the sources that need none, which the
// error reminds of.
func Find(name, own string, folders, known []string) (string, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") {
		return "", fmt.Errorf("cannot find source %q: that is no name of a source", name)
	}
	file := Prefix + name
	if own != "" {
		folders = append([]string{filepath.Dir(own)}, folders...)
	}
	for _, dir := range folders {
		path := filepath.Join(dir, file)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", &Error{
		Source: name, Code: protocol.CodeInvalid, Cause: fmt.Errorf("no executable %s in %s", file, strings.Join(folders, ", ")),
		hint: "install it, or take " + name + " out of sources; " + remind(name, known),
	}
}

// remind says which source may be meant by a name that is none.
func remind(name string, known []string) string {
	if near := sources.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "slipway knows " + strings.Join(known, ", ")
}

// Error is a source program that failed.
type Error struct {
	Source string
	// Code is one of the protocol's codes, "unavailable" when it gave none.
	Code   string
	Cause  error
	writes bool
	hint   string
}

// Error names the source and the cause.
func (e *Error) Error() string {
	if e.writes {
		return fmt.Sprintf("cannot write by source %s: %v", e.Source, e.Cause)
	}
	return fmt.Sprintf("cannot read source %s: %v", e.Source, e.Cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Hint says what to do, or is empty.
func (e *Error) Hint() string { return e.hint }

// Get runs the program once and returns its snapshot. The error is an *Error,
// or that of the context when it was cancelled.
func (p Program) Get(ctx context.Context) (protocol.Update, error) {
	return p.get(ctx, func(u protocol.Update) {
		if p.Alone && p.Note != nil && !u.Until.IsZero() {
			p.Note(expiring(u.Text, u.Until, time.Now()))
		}
	})
}

// get is Get; ending is called with what is about to end.
func (p Program) get(ctx context.Context, ending func(protocol.Update)) (protocol.Update, error) {
	if p.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.Timeout, fmt.Errorf("no answer within %v", p.Timeout))
		defer cancel()
	}
	var got protocol.Update
	whole := false
	err := p.run(ctx, false, func(u protocol.Update) error {
		switch {
		case u.Kind == protocol.Whole:
			got, whole = u, true
		case u.Kind == protocol.Expiring:
			ending(u)
		}
		return nil
	})
	if err == nil && !whole {
		err = p.failed(protocol.CodeUnavailable, errors.New("it ended without a snapshot"))
	}
	if err != nil {
		return protocol.Update{}, err
	}
	return got, nil
}

// Watch runs the program and calls update with the snapshot and with every
// change, until the context ends (then the error is the context's), the program
// fails (*Error), or update returns an error (that one). It does not start the
// program again; a caller that does gets a new snapshot first.
func (p Program) Watch(ctx context.Context, update func(protocol.Update) error) error {
	return p.run(ctx, true, update)
}

func (p Program) failed(code string, cause error) *Error {
	if text := cause.Error(); p.hide(text) != text {
		cause = errors.New(p.hide(text))
	}
	return &Error{Source: p.Name, Code: code, Cause: cause}
}

// hide takes the secret settings out of what a program says, which must not say them,
// and passwords of URLs.
func (p Program) hide(text string) string {
	var secrets []string
	for _, s := range p.Settings {
		if s.Secret {
			secrets = append(secrets, s.Text)
		}
	}
	return redact.HidePasswords(redact.New(secrets).Redact(text))
}

// errUpdate marks an error of the caller's function.
type errUpdate struct{ error }

// run asks for values, and calls update with each answer.
func (p Program) run(parent context.Context, watch bool, update func(protocol.Update) error) error {
	return p.ask(parent, protocol.Request{Watch: watch}, nil, func(out io.Reader) error { return p.read(out, update) })
}

// ask runs the program with a request, whose settings are the program's, and reads its
// answer, until read ends or the context does. Standard input stays open for what has no
// end; more, if it is not nil, has what is written then.
func (p Program) ask(parent context.Context, q protocol.Request, more <-chan protocol.Message, read func(io.Reader) error) error {
	q.Settings = p.Settings
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.Path)
	cmd.Env = p.Environ
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Dir = "/"
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	stderr := &tail{flow: protocol.Flow{PerMinute: maxStderr}, flooded: cancel}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return p.failed(protocol.CodeUnavailable, err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return p.failed(protocol.CodeUnavailable, err)
	}
	if err := cmd.Start(); err != nil {
		return p.failed(protocol.CodeInvalid, err)
	}
	// A program may end without reading its request, and may answer before it
	// has read all of it, so writing is a goroutine of its own. It ends when
	// the program does, because the pipe breaks; run waits for it.
	wrote, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(wrote)
		_ = q.Write(stdin) // a broken pipe: the program's exit tells
		if !q.Watch && q.Slots == 0 && q.Join == 0 {
			stdin.Close()
		}
		out := protocol.NewWriter(stdin)
		for more != nil {
			select {
			case m := <-more:
				out.Write(m)
				_ = out.Flush()
			case <-over:
				return
			}
		}
	}()
	// Reading does not end with the program if a child of its has the pipe too.
	unblock := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { stdout.Close() })
	})
	defer unblock()

	readErr := read(stdout)
	close(over)
	if !errors.Is(readErr, io.EOF) {
		cancel()
	}
	stdin.Close()
	waitErr := cmd.Wait()
	<-wrote
	return p.outcome(parent, readErr, waitErr, stderr)
}

func (p Program) limit() int64 { return cmp.Or(p.Limit, DefaultLimit) }

func (p Program) read(stdout io.Reader, update func(protocol.Update) error) error {
	a := protocol.NewAnswer(protocol.NewReader(stdout, p.limit()), p.Name)
	for {
		u, err := a.Next()
		if err != nil {
			return err
		}
		switch {
		case u.Kind == protocol.Annotated && p.Note != nil:
			p.Note(p.hide(u.Text))
		case u.Kind == protocol.Expiring:
			u.Text = p.hide(u.Text)
		}
		if err := update(u); err != nil {
			return errUpdate{err}
		}
	}
}

// outcome decides which of the things that went wrong is the cause.
func (p Program) outcome(ctx context.Context, readErr, waitErr error, stderr *tail) error {
	var mine errUpdate
	var failure *protocol.Failure
	var exit *exec.ExitError
	switch {
	case errors.As(readErr, &mine):
		return mine.error
	case errors.Is(context.Cause(ctx), context.Canceled):
		return context.Cause(ctx)
	case errors.As(readErr, &failure):
		return p.failed(failure.Code, failure)
	case errors.Is(waitErr, protocol.ErrFlood) || stderr.isFlood:
		return p.failed(protocol.CodeUnavailable, protocol.ErrFlood)
	case errors.Is(readErr, protocol.ErrFlood), errors.Is(readErr, protocol.ErrTooMuch):
		return p.failed(protocol.CodeUnavailable, fmt.Errorf("%w (%d MiB for one update, four times as much in a minute)", readErr, p.limit()>>20))
	case errors.Is(readErr, io.EOF) && waitErr == nil:
		return nil
	case ctx.Err() != nil:
		return p.failed(protocol.CodeTimeout, context.Cause(ctx))
	}
	if said := stderr.String(); said != "" {
		return p.failed(exitCode(waitErr), fmt.Errorf("%s (%w)", said, firstOf(waitErr, readErr)))
	}
	if errors.As(waitErr, &exit) && exit.ExitCode() > 0 {
		return p.failed(exitCode(waitErr), fmt.Errorf("%s ended with status %d and said nothing", filepath.Base(p.Path), exit.ExitCode()))
	}
	return p.failed(protocol.CodeUnavailable, fmt.Errorf("%s: %w", filepath.Base(p.Path), firstOf(readErr, waitErr)))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// exitCode is the protocol's code for an exit status of sysexits.
func exitCode(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		switch exit.ExitCode() {
		case 75:
			return protocol.CodeTimeout
		case 77:
			return protocol.CodeDenied
		case 64, 78:
			return protocol.CodeInvalid
		}
	}
	return protocol.CodeUnavailable
}

// tail keeps the last line that was written. What is longer than maxTail is cut where it
// began, so that no half of a secret is left that nobody would recognise.
type tail struct {
	flow    protocol.Flow
	isFlood bool
	flooded func() // is called when it writes without end
	buf     []byte
	cut     bool // buf begins within a line
}

const maxTail = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	if !t.flow.Take(int64(len(p))) {
		t.isFlood = true
		t.flooded()
		return 0, protocol.ErrFlood
	}
	t.buf = append(t.buf, p...)
	if n := len(t.buf) - maxTail; n > 0 {
		t.buf = append(t.buf[:0], t.buf[n:]...)
		t.cut = true
	}
	return len(p), nil
}

func (t *tail) String() string {
	text := strings.TrimRight(string(t.buf), " \t\r\n")
	i := strings.LastIndexByte(text, '\n')
	if i < 0 && t.cut {
		return fmt.Sprintf("a line of more than %d bytes", maxTail)
	}
	return strings.TrimSpace(text[i+1:])
}
