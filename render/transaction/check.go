package transaction

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"slipway/render"
	"slipway/render/transaction/durable"
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
			if err := tx.run(ctx, t.Dest, t.Pos, strings.ReplaceAll(t.Check, "{file}", quoted(c.staged)), 0, ""); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, check := range tx.plan.Checks {
		if err := tx.checkSet(ctx, check); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// quoted is a path, which has no NUL, as a word of a shell.
func quoted(file string) string { return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'" }

// checkSet runs one check of the set on the files as they will be. One that concerns
// none of the changed files is not run; without any {staged:…} it concerns all.
func (tx *Tx) checkSet(ctx context.Context, check render.SetCheck) (err error) {
	if !stagedRef.MatchString(check.Command) {
		if len(tx.pending()) == 0 {
			return nil
		}
		return tx.run(ctx, check.Name, check.Pos, check.Command, check.Timeout, "")
	}
	if err := UnknownStaged(tx.fsys, &render.Plan{Targets: tx.plan.Targets, Checks: []render.SetCheck{check}}, tx.opts); err != nil {
		return err
	}
	tree, err := tx.newCheckTree(check.Command)
	if tree == nil || err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tree.remove()) }()
	command := stagedRef.ReplaceAllStringFunc(check.Command, func(ref string) string {
		return quoted(tree.base + path.Clean("/"+stagedRef.FindStringSubmatch(ref)[1]))
	})
	return tx.run(ctx, check.Name, check.Pos, command, check.Timeout, tree.base)
}

// UnknownStaged finds each {staged:…} in the checks of a plan that no template makes and
// that is not there; the error is of [*Problem].
func UnknownStaged(fsys durable.FS, plan *render.Plan, opts Options) error {
	var problems render.Problems
	for _, check := range plan.Checks {
		for _, ref := range stagedRef.FindAllStringSubmatch(check.Command, -1) {
			dest := path.Clean("/" + ref[1])
			_, err := fsys.Stat(path.Join(opts.Root, dest))
			if err == nil || slices.ContainsFunc(plan.Targets, func(t render.Target) bool { return below(t.Dest, dest) }) {
				continue
			}
			problems = append(problems, &render.Problem{
				Kind: render.KindSettings, Dest: ref[1], Pos: check.Pos,
				Text: fmt.Sprintf("[check:%s] names {staged:%s}, which no template makes, and which is not there", check.Name, ref[1]),
			})
		}
	}
	return problems.Err()
}

// run runs one check in a process group of its own, which is killed as a whole
// when the time is up: a child that keeps the output open cannot hold us. limit 0 is the
// usual one. What it prints of files in the folder base is said of the real ones.
func (tx *Tx) run(ctx context.Context, name string, pos render.Pos, command string, limit time.Duration, base string) error {
	limit = cmp.Or(limit, tx.opts.CheckTimeout, checkTimeout)
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
	output := out.String()
	if base != "" {
		output = strings.ReplaceAll(output, base, "")
	}
	var exit *exec.ExitError // 126 and 127 are the shell's: no command that can be executed
	judged := ctx.Err() == nil && errors.As(err, &exit) && exit.Exited() && exit.ExitCode() < 126
	return &CheckError{Name: name, Pos: pos, Status: tx.redact.Redact(status), Output: tx.redact.Redact(output), Judged: judged}
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
