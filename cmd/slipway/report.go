package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"slipway/internal/advice"
	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/internal/place"
	"slipway/internal/supervisor/byname"
	"slipway/internal/way"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/sources/contract"
	"slipway/sources/program"
	"slipway/sources/protocol"
	"slipway/sources/resolve"
	"slipway/supervise/boot"
	"slipway/supervise/dialect"
)

// coded is an error whose status the command that returns it knows.
type coded struct {
	status int
	err    error
	hint   string // what to do, or ""
}

func (e *coded) Error() string { return e.err.Error() }
func (e *coded) Unwrap() error { return e.err }

// silent is a status without a message: what was to be said has been said.
type silent struct{ status int }

func (e *silent) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// signalled is the cause of a context that a signal has cancelled.
type signalled struct{ number int }

func (e *signalled) Error() string { return "ended by signal " + syscall.Signal(e.number).String() }

// usage is an error of the command line.
func usage(hint, format string, args ...any) error {
	return &coded{exit.Usage, fmt.Errorf(format, args...), hint}
}

// problem is one message for the operator.
type problem struct {
	status int
	text   string
	detail string // lines below the message, or ""
	hint   string // or ""
	at     place.Pos
}

// report prints an error, however many it is made of, and returns its status:
// that of the first one.
func (a *app) report(err error) int {
	if err == nil {
		return exit.OK
	}
	a.notes(a.known.Notes) // what is noted may be why
	return a.tell(a.stderr, err)
}

// tell is the text of report.
func (a *app) tell(w io.Writer, err error) int {
	problems := explain(err)
	helped := map[string]bool{}
	for _, p := range problems {
		if p.hint == "" {
			p.hint = help(p, helped)
		}
		if p.text == "" {
			continue
		}
		fmt.Fprintf(w, "slipway: error: %s\n", indented(a.redact(plainWords(p.text))))
		if p.detail != "" {
			fmt.Fprintln(w, a.redact(strings.TrimRight(p.detail, "\n")))
		}
		if p.hint != "" {
			fmt.Fprintf(w, "slipway: hint: %s\n", indented(a.redact(p.hint)))
		}
	}
	return problems[0].status
}

// help is the hint for a problem that has none of its own: where to read what to do, once for
// each family of errors.
func help(p problem, said map[string]bool) string {
	f, ok := advice.Of(p.text, p.status)
	if !ok || said[f.Name] {
		return ""
	}
	said[f.Name] = true
	return "slipway help " + f.Name + " says what to do"
}

// lastWords leaves word of a start that has failed where Kubernetes looks for it. It is the
// counterpart of package supervise/upward.
func (a *app) lastWords(err error) {
	file, set := boot.Lookup(a.env, boot.EnvTermination)
	if !set {
		file = boot.TerminationFile
		if _, err := os.Stat(file); err != nil {
			return
		}
	}
	if file == "" {
		return
	}
	var text bytes.Buffer
	a.tell(&text, err)
	words := text.Bytes()
	if err := writeOwn(file, words[:min(len(words), boot.TerminationMost)]); err != nil {
		a.note("cannot write %s (%s): %v", file, boot.EnvTermination, err)
	}
}

// writeOwn replaces the content of a file: not of what others have put in its place. A FIFO that
// nobody reads is not waited for.
func writeOwn(path string, words []byte) error {
	fd, err := way.File(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), path)
	_, err = f.Write(words)
	return errors.Join(err, f.Close())
}

// plainWords says what Go's standard library says of time and ends in words that people know.
func plainWords(text string) string { return goWords.Replace(text) }

var goWords = strings.NewReplacer(
	"context deadline exceeded", "it took too long",
	"context canceled", "it was given up",
	"i/o timeout", "no answer in time",
	"unexpected EOF", "it ends too early",
)

// indented keeps the further lines of a message apart from the next message.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n  ") }

// explain is the one place where errors become statuses and hints. It takes joined
// errors apart, in their order.
func explain(err error) []problem {
	var values *launch.ValueError
	if errors.As(err, &values) && err == error(values) {
		return dataOr(explain(values.Err))
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []problem
		for _, e := range joined.Unwrap() {
			out = append(out, explain(e)...)
		}
		if len(out) > 0 {
			return out
		}
	}
	return []problem{explainOne(err)}
}

func explainOne(err error) problem {
	p := problem{status: exit.Internal, text: err.Error()}
	var (
		code   *coded
		quiet  *silent
		sig    *signalled
		late   *handoff.NotReady
		conf   *dialect.Problem
		tmpl   *render.Problem
		write  *transaction.WriteError
		check  *transaction.CheckError
		undone *transaction.RollbackError
		again  *transaction.RefusedError
		cmd    *launch.CommandError
		rules  *launch.RuleError
		idle   *launch.NoProgramsError
		empty  *launch.NothingError
		rule   *contract.Violation
		dflt   *contract.DefaultError
		source *program.Error
		lost   *resolve.NotFound
		mute   *resolve.NoAnswer
		hinted interface{ Hint() string }
	)
	switch {
	case errors.As(err, &quiet):
		p = problem{status: quiet.status}
	case errors.As(err, &sig):
		if p.status = exit.Signalled + sig.number; err == error(sig) {
			p.text = "" // who pressed Ctrl-C knows
		}
	case errors.As(err, &code):
		p.status, p.hint = code.status, code.hint
	case errors.As(err, &conf):
		p.status, p.hint, p.at = exit.Config, conf.Hint, conf.Pos
	case errors.As(err, &dflt):
		p.status = exit.Data
		if errors.As(err, &tmpl) {
			p.hint, p.at = tmpl.Hint, tmpl.Pos
		}
	case errors.As(err, &tmpl):
		p.status, p.hint, p.at = exit.Data, tmpl.Hint, tmpl.Pos
		p.detail = strings.TrimSuffix(tmpl.Detail(), "  hint: "+tmpl.Hint+"\n")
	case errors.As(err, &check):
		p.status, p.detail, p.at = exit.Data, check.Detail(), check.Pos
		p.hint = "nothing was written; the check is what " + check.Pos.String() + " says"
	case errors.As(err, &undone), errors.As(err, new(*transaction.UselessError)):
		p.status = exit.CannotWrite
	case errors.As(err, &again):
		p.status, p.hint = exit.Failed, "it is tried again when its input changes, or with slipway render --force"
	case errors.As(err, &write):
		p.status, p.hint = exit.CannotWrite, write.Hint
	case errors.As(err, &cmd):
		if p.status, p.hint = exit.NotFound, linkHint(cmd.File()); cmd.Found {
			p.status, p.hint = exit.NotExecutable, ""
		}
	case errors.As(err, &rules), errors.As(err, &empty), errors.As(err, &idle):
		p.status = exit.Config
	case errors.As(err, &rule):
		p.status, p.hint = exit.Data, rule.Hint
	case errors.As(err, &lost):
		p.status = exit.Data
	case errors.As(err, &source):
		p.status = sourceStatus(source.Code)
	case errors.As(err, &mute):
		p.status = exit.Deadline
	case errors.As(err, &late):
		p = problem{status: late.Status} // it has said why
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		p.status = exit.Deadline
	}
	if p.hint == "" && errors.As(err, &hinted) {
		p.hint = hinted.Hint()
	}
	if p.hint == "" && errors.Is(err, syscall.EACCES) && os.Geteuid() == 0 {
		p.hint = "root may not because CAP_DAC_OVERRIDE is missing: let the file belong to root, or docker run --cap-add DAC_OVERRIDE"
	}
	return p
}

// linkHint says how a command is had that slipway is by a link; "" if it is none of these.
func linkHint(file string) string {
	name := filepath.Base(file)
	if byname.Find(name) == nil {
		return ""
	}
	if !filepath.IsAbs(file) {
		file = "/usr/local/bin/" + name
	}
	return "slipway is " + name + " by a link: RUN ln -s /usr/local/bin/slipway " + file
}

// dataOr makes problems without a status of their own those of a value.
func dataOr(ps []problem) []problem {
	for i := range ps {
		if ps[i].status == exit.Internal {
			ps[i].status = exit.Data
		}
	}
	return ps
}

// sourceStatus is the status for a code of the source protocol. One that it does not
// have counts as unavailable.
func sourceStatus(code string) int {
	switch code {
	case protocol.CodeTimeout:
		return exit.Deadline
	case protocol.CodeInvalid:
		return exit.Config
	}
	return exit.Unavailable
}
