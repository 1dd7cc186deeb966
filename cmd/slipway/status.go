package main

import (
	"context"
	"fmt"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/internal/watcher"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/machine"
)

type statusOptions struct {
	controlOptions
	sources bool
	files   bool
	output  string
}

func newStatus(a *app) *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use: "status [PROGRAM | GROUP:*]...", Short: "Show the state of programs", GroupID: groupControl,
		Long: `Show the state of programs, all of them when none is named.

A program that still has to be told about changed files is marked, and so is one for
which the last change was refused: it did not come back healthy with it, and runs on
with the former files.

Below the programs are the sources that are followed while the container runs, such as
etcd: whether there is contact, the newest revision that is known, the one that files and
programs are of, and why the two differ. With --sources only they are shown, and the
exit status is 1 when one has no contact or its revision was refused.

With --files the files are shown that were rendered, and of each value that went into
them where it is from: source, file and line, or key and revision. REVISION is the newest
of these. The exit status is 1 when a program has still to be told of a file, or the last
change was refused or fails.

The exit status is 1 when a program that is shown is FATAL, in BACKOFF or unhealthy.`,
		RunE: func(c *cobra.Command, args []string) error { return runStatus(c.Context(), a, o, args) },
	}
	o.flags(c)
	c.Flags().BoolVar(&o.sources, "sources", false, "show the sources that are followed, and no programs")
	c.Flags().BoolVar(&o.files, "files", false, "show the files that were rendered and where their values are from, and no programs")
	c.MarkFlagsMutuallyExclusive("sources", "files")
	outputFlag(c, &o.output, "table", "json")
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

// processView is a process as JSON.
type processView struct {
	Name       string               `json:"name"`                      // of the process
	Group      string               `json:"group"`                     // that it belongs to; control commands take GROUP:NAME
	State      string               `json:"state"`                     // Supervisor's word, such as RUNNING
	PID        int64                `json:"pid,omitempty"`             // while it runs
	Since      string               `json:"since,omitempty"`           // RFC 3339: the start while it runs, else the end
	ExitStatus *int64               `json:"exit_status,omitempty"`     // of the last run, while it does not run
	Signal     string               `json:"signal,omitempty"`          // that has ended the last run
	Restarts   int64                `json:"restarts"`                  // how often it was started again
	Health     string               `json:"health,omitempty"`          // what its health probe says: healthy, unhealthy
	Ready      bool                 `json:"ready"`                     // whether it can be used
	Waiting    string               `json:"waiting,omitempty"`         // what it waits for before it starts
	Vain       string               `json:"waiting_in_vain,omitempty"` // why that will not come by itself
	SpawnError string               `json:"spawn_error,omitempty"`     // why it could not be started
	Cause      string               `json:"cause,omitempty"`           // what has ended the last run: exit, signal, memory, stop, kill, ready, health
	Core       bool                 `json:"core_dumped,omitempty"`     // whether the last run left a core file
	Why        string               `json:"why,omitempty"`             // more, where the cause is ready or health
	LastEnd    string               `json:"last_end,omitempty"`        // how the last run has ended, in words
	Paused     bool                 `json:"paused,omitempty"`          // stopped by a signal such as SIGSTOP
	LostLog    int64                `json:"lost_log_bytes,omitempty"`  // of its output that could not be written
	Level      string               `json:"level,omitempty"`           // how its processes are known to be its own
	LevelWhy   string               `json:"level_reason,omitempty"`    // why it is no better one
	NextRun    string               `json:"next_run,omitempty"`        // by its schedule
	Demand     string               `json:"demand,omitempty"`          // what starts it: a connection, a datagram
	Task       string               `json:"task,omitempty"`            // of a oneshot: running, completed, failed
	Terminal   string               `json:"terminal,omitempty"`        // of a program with tty: foreground, none
	FoundBy    string               `json:"found_by,omitempty"`        // its main process, after its launcher had ended
	Owed       *transaction.Effect  `json:"owed,omitempty"`            // what it still has to be told about its files
	Refused    *transaction.Refusal `json:"refused,omitempty"`         // the last change, if that was taken back because of it
}

func runStatus(ctx context.Context, a *app, o statusOptions, names []string) error {
	var all []control.ProcessInfo
	var d debts
	var followed []watcher.Source
	var files []fileView
	place := ""
	err := o.with(ctx, a, func(c client.Caller) (err error) {
		place = a.fallback(c)
		boot := bootOf(ctx, c)
		if followed, err = followedSources(boot); err != nil && o.sources || o.sources {
			return err
		}
		if o.files {
			d = readDebts(boot)
			files, err = renderedFiles(boot, d)
			return err
		}
		if all, err = client.Processes(ctx, c); err == nil {
			d = readDebts(boot)
		}
		return err
	})
	if err == nil && o.sources {
		return writeSources(a, o.output, followed)
	}
	if err == nil && o.files {
		return writeFiles(a, o.output, files, d)
	}
	if err != nil {
		return failed("show", "the programs", err)
	}
	shown, missing := selectProcesses(all, names)
	if err := writeStatus(a, o.output, shown, d); err != nil {
		return err
	}
	if missing != nil {
		return missing
	}
	if o.output == "table" && len(names) == 0 && len(followed) > 0 {
		fmt.Fprintln(a.stdout)
		if err := sourceTable(a, followed); err != nil {
			return err
		}
	}
	if o.output == "table" && place != "" {
		fmt.Fprintf(a.stdout, "\n%s\n", place)
	}
	for _, p := range shown {
		if p.State == control.Fatal || p.State == control.Backoff || p.Health == "unhealthy" {
			return &silent{1}
		}
	}
	return nil
}

func writeStatus(a *app, output string, ps []control.ProcessInfo, d debts) error {
	if output == "json" {
		views := make([]processView, len(ps))
		for i, p := range ps {
			views[i] = viewOf(p)
			views[i].Owed, views[i].Refused = d.owed(p), d.refusal(p)
		}
		return writeJSON(a.stdout, views)
	}
	t := newTable(a.stdout, "NAME", "STATE", "PID", "SINCE", "RESTARTS", "LEVEL", "DETAIL")
	for _, p := range ps {
		pid := "-"
		if p.PID != 0 {
			pid = strconv.FormatInt(p.PID, 10)
		}
		t.row(p.FullName(), p.State.String(), pid, since(p), strconv.FormatInt(p.Restarts, 10), p.Level, detail(p, d))
	}
	if err := t.flush(); err != nil {
		return err
	}
	a.debtNotes(d)
	return nil
}

// debtNotes says of changes that no program tells of that they are not in force.
func (a *app) debtNotes(d debts) {
	if r := d.refused; r != nil && r.Program == "" {
		a.note("the last change of files was taken back by hand at %s", r.At.Local().Format(time.DateTime))
	}
	if f := d.failing; f != nil {
		next := "until their input changes"
		if f.Again {
			next = "it is tried again"
		}
		a.note("files have not been rendered again since %s, %s: %s", f.Since.Local().Format(time.DateTime), next, f.Reason)
	}
}

// debts are what is known of files that programs have not taken over.
type debts struct {
	effects []transaction.Effect
	refused *transaction.Refusal
	failing *transaction.Failing
}

// bootOf is what the launch stage has handed over; nothing where that is not to be had.
func bootOf(ctx context.Context, c client.Caller) handoff.Snapshot {
	text, err := bootText(ctx, c)
	if err != nil {
		return handoff.Snapshot{}
	}
	boot, err := handoff.Decode([]byte(text))
	if err != nil {
		return handoff.Snapshot{}
	}
	return boot
}

// readDebts reads the manifest of the supervisor's runtime folder. There is none where
// nothing is rendered or no folder can be written, and one that cannot be read is said
// by whoever renders.
func readDebts(boot handoff.Snapshot) (d debts) {
	if boot.Runtime == "" {
		return d
	}
	opts := transaction.Options{Runtime: boot.Runtime}
	redactor := launch.FromSnapshot(boot).Redactor()
	if owed, _, err := transaction.Owed(durable.OS{}, opts); err == nil {
		d.effects = owed
		for i := range d.effects {
			d.effects[i].Failure = redactor.Redact(d.effects[i].Failure)
		}
	}
	if refused, err := transaction.LastRefused(durable.OS{}, opts); err == nil && refused != nil {
		refused.Reason = redactor.Redact(refused.Reason)
		d.refused = refused
	}
	if failing, err := transaction.LastFailing(durable.OS{}, opts); err == nil && failing != nil {
		failing.Reason = redactor.Redact(failing.Reason)
		d.failing = failing
	}
	return d
}

func (d debts) owed(p control.ProcessInfo) *transaction.Effect {
	for i := range d.effects {
		if p.Is(d.effects[i].Program) {
			return &d.effects[i]
		}
	}
	return nil
}

func (d debts) refusal(p control.ProcessInfo) *transaction.Refusal {
	if d.refused != nil && p.Is(d.refused.Program) {
		return d.refused
	}
	return nil
}

// detail is what there is to know about the files of p, or "".
func (d debts) detail(p control.ProcessInfo) string {
	owed, refused := d.owed(p), d.refusal(p)
	switch {
	case owed != nil && owed.Failure != "":
		return fmt.Sprintf("has not taken over %s: %s (tried %s)", owed.Why(), owed.Failure, times(owed.Tries))
	case owed != nil:
		return "has still to be told of " + owed.Why()
	case refused != nil:
		return "change refused at " + clock(refused.At.Local()) + ": " + refused.Reason
	}
	return ""
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// since is how long the process has been in its state, as far as it is known.
func since(p control.ProcessInfo) string {
	from := p.Start
	if p.PID == 0 {
		from = p.Stop
	}
	if from == 0 || p.Now < from {
		return "-"
	}
	return (time.Duration(p.Now-from) * time.Second).String()
}

// detail is what else there is to know, the most pressing first.
func detail(p control.ProcessInfo, d debts) string {
	switch {
	case p.State == control.Backoff && p.Ran > 0:
		return tooSoon(p) + "; it is tried again"
	case p.State == control.Fatal && p.Ran > 0 && (p.SpawnError == machine.TooQuickly || p.Task != ""):
		return "given up: " + tooSoon(p)
	case p.SpawnError != "":
		return p.SpawnError
	case p.Vain != "":
		return "not started: " + p.Vain
	case p.Waiting != "":
		return "waits for " + p.Waiting
	case p.Demand != "":
		return "waits for " + p.Demand
	case p.PID == 0 && p.NextRun != 0:
		return scheduled(p)
	case p.PID == 0 && p.Task == "completed":
		return completed(p)
	case p.PID == 0 && p.Generation > 0:
		return lastEnd(p)
	case p.PID == 0:
		return "not started"
	case p.Paused:
		return "stopped by a signal; SIGCONT lets it go on"
	case p.Health == "unhealthy":
		return p.Health
	case p.State == control.Running && !p.Ready:
		return "not ready"
	case d.detail(p) != "":
		return d.detail(p)
	case p.Health != "":
		return p.Health
	case p.Terminal == "foreground":
		return "has the terminal"
	case p.Terminal == "none":
		return "has no terminal: the container was given none"
	case p.FoundBy != "":
		return "in the background, found by " + p.FoundBy
	case p.LostLog > 0:
		return fmt.Sprintf("%d bytes of its output were lost", p.LostLog)
	case p.Restarts > 0 && p.Stop != 0:
		return "last end: " + lastEnd(p)
	}
	return ""
}

// scheduled says how the last run of a program with a schedule has ended, and when it runs next.
func scheduled(p control.ProcessInfo) string {
	next := "next run " + time.Unix(p.NextRun, 0).UTC().Format(time.RFC3339)
	switch {
	case p.Task == "completed":
		return completed(p) + "; " + next
	case p.Generation > 0:
		return lastEnd(p) + "; " + next
	}
	return next
}

// completed says that a oneshot has done what it is for.
func completed(p control.ProcessInfo) string {
	switch {
	case p.Generation == 0:
		return "completed before"
	case p.LastStatus != 0:
		return fmt.Sprintf("completed, exit status %d", p.LastStatus)
	}
	return "completed"
}

// lastEnd is how the last run of p has ended.
func lastEnd(p control.ProcessInfo) string {
	how := fmt.Sprintf("exit status %d", p.LastStatus)
	if p.Signal != 0 {
		how = "ended by " + signalName(p.Signal)
	}
	if p.Core {
		how += " (core dumped)"
	}
	switch p.Cause {
	case "memory":
		return "killed by the memory limit"
	case "stop":
		return "stopped, " + how
	case "kill":
		return "killed, as it did not stop"
	case "ready", "health", "timeout":
		return p.Why
	}
	return how
}

// causeOf is the cause of the last end in one word.
func causeOf(p control.ProcessInfo) string {
	switch {
	case p.Stop == 0:
		return ""
	case p.Cause != "":
		return p.Cause
	case p.Signal != 0:
		return "signal"
	}
	return "exit"
}

func viewOf(p control.ProcessInfo) processView {
	v := processView{
		Name: p.Name, Group: p.Group, State: p.State.String(), PID: p.PID, Restarts: p.Restarts,
		Health: p.Health, Ready: p.Ready, Waiting: p.Waiting, Vain: p.Vain, SpawnError: p.SpawnError, LostLog: p.LostLog,
		Level: p.Level, LevelWhy: p.LevelWhy, FoundBy: p.FoundBy, Task: p.Task, Demand: p.Demand, Terminal: p.Terminal,
	}
	if v.Cause = causeOf(p); v.Cause != "" {
		v.Core, v.Why, v.LastEnd = p.Core, p.Why, lastEnd(p)
	}
	v.Paused = p.Paused
	if p.NextRun != 0 {
		v.NextRun = time.Unix(p.NextRun, 0).UTC().Format(time.RFC3339)
	}
	at := p.Start
	if p.PID == 0 {
		at = p.Stop
		if p.Generation > 0 && p.Signal == 0 {
			v.ExitStatus = &p.ExitStatus
		}
		if p.Signal != 0 {
			v.Signal = signalName(p.Signal)
		}
	}
	if at != 0 {
		v.Since = time.Unix(at, 0).UTC().Format(time.RFC3339)
	}
	return v
}

func signalName(n int64) string {
	if name := unix.SignalName(syscall.Signal(n)); name != "" {
		return name
	}
	return "signal " + strconv.FormatInt(n, 10)
}
