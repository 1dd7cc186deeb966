package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	checkTimeout = 30 * time.Second
	keptOutput   = 16 << 10
)

// Check runs the check of every changed target on its staged file, then the
// checks of the set. All that fail come in one error of [*CheckError].
func (tx *Tx) Check(ctx context.Context) error {
	var errs []error
	for _, c := range tx.pending() {
		if t := c.Target; t.Check != "" && c.Action != Remove {
			file, _ := shellQuote(c.staged) // a path has no NUL
			if err := tx.run(ctx, t.Dest, t.Pos, strings.ReplaceAll(t.Check, "{file}", file)); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, check := range tx.plan.Checks {
		command, concerned, err := tx.stagedCommand(check)
		if err == nil && concerned {
			err = tx.run(ctx, check.Name, check.Pos, command)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

var stagedRef = regexp.MustCompile(`\{staged:([^}]*)\}`)

// stagedCommand puts the staged paths into the command of a set check. It
// concerns this change if one of its files changed, or if it names none.
func (tx *Tx) stagedCommand(check SetCheck) (command string, concerned bool, err error) {
	byDest := map[string]*Change{}
	for _, c := range tx.changes {
		byDest[c.Target.Dest] = c
	}
	named := false
	command = stagedRef.ReplaceAllStringFunc(check.Command, func(ref string) string {
		named = true
		dest := stagedRef.FindStringSubmatch(ref)[1]
		c, ok := byDest[dest]
		if !ok {
			err = &Problem{Kind: KindSettings, Dest: dest, Pos: check.Pos, Text: fmt.Sprintf("[check:%s] names {staged:%s}, which no template makes", check.Name, dest)}
			return ref
		}
		file := c.Path
		if c.Action != Unchanged && c.Action != Remove {
			file = c.staged
		}
		concerned = concerned || c.Action != Unchanged
		quoted, _ := shellQuote(file)
		return quoted
	})
	return command, concerned || !named && len(tx.pending()) > 0, err
}

// run runs one check in a process group of its own, which is killed as a whole
// when the time is up: a child that keeps the output open cannot hold us.
func (tx *Tx) run(ctx context.Context, name string, pos Pos, command string) error {
	limit := tx.opts.CheckTimeout
	if limit <= 0 {
		limit = checkTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Env = tx.opts.CheckEnv
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.Process != nil { // whatever it left behind
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // usually there is nobody
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil // ErrWaitDelay: it succeeded, and left a child that held its output
	}
	status := err.Error()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		status = fmt.Sprintf("killed after %s", limit)
	}
	return &CheckError{Name: name, Pos: pos, Status: tx.redact.Redact(status), Output: tx.redact.Redact(out.String())}
}

// tail keeps the last bytes that were written to it.
type tail struct {
	buf bytes.Buffer
	cut bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	if over := t.buf.Len() - keptOutput; over > keptOutput { // not at every write
		t.buf.Next(over)
		t.cut = true
	}
	return len(p), nil
}

func (t *tail) String() string {
	b := t.buf.Bytes()
	if len(b) > keptOutput {
		b, t.cut = b[len(b)-keptOutput:], true
	}
	if t.cut { // from a whole line on: half a secret would not be recognised
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[i+1:]
		} else {
			b = nil
		}
		return "…\n" + string(b)
	}
	return string(b)
}
