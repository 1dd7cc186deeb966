package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"slipway/internal/converge"
	"slipway/internal/fleet"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/sources/contract"
	"slipway/sources/datafile"
	"slipway/sources/envfile"
	"slipway/sources/program"
	"slipway/sources/protocol"
	"slipway/sources/resolve"
	"slipway/supervise/dialect"
)

// What may pass is tried again, what is written wrongly is not.
func TestWhatMayPass(t *testing.T) {
	wrong := &render.Problem{Kind: render.KindMissing, Text: "there is no variable COLOUR"}
	said := &transaction.CheckError{Status: "exit status 1", Judged: true}
	late := &transaction.CheckError{Status: "killed after 30s"}
	denied := &os.PathError{Op: "open", Path: "/etc/app.env", Err: syscall.EACCES}
	for name, row := range map[string]struct {
		err           error
		again, judged bool // judged: a check's word is the last one
	}{
		"no space is left":                         {&transaction.WriteError{What: "no space is left", Err: syscall.ENOSPC}, true, true},
		"the state is of no use":                   {&transaction.UselessError{File: "manifest", Why: "it is damaged"}, true, true},
		"what was changed cannot be put back":      {&transaction.RollbackError{Err: syscall.EIO}, true, true},
		"a check was too slow":                     {late, true, true},
		"a check says no":                          {said, true, false},
		"one check says no, another was too slow":  {errors.Join(said, late), true, true},
		"the change was taken back":                {&transaction.RefusedError{}, false, false},
		"a folder of templates cannot be read":     {render.Problems{{Kind: render.KindSource}}, true, true},
		"a template reads a file that it may not":  {render.Problems{{Kind: render.KindValue, Err: denied}}, true, true},
		"a peer is not known":                      {render.Problems{{Kind: render.KindMissing, Err: errors.New("no such peer")}}, true, true},
		"a value is missing":                       {render.Problems{wrong}, false, false},
		"a template is wrong":                      {render.Problems{{Kind: render.KindSyntax}, {Kind: render.KindExecute}, {Kind: render.KindSettings}}, false, false},
		"a value is missing, a file is unreadable": {errors.Join(render.Problems{wrong}, fmt.Errorf("cannot read: %w", denied)), true, true},
		"the contract refuses a value":             {&launch.ValueError{Err: errors.Join(&contract.Violation{Name: "PORT"})}, false, false},
		"a default is wrong":                       {&launch.ValueError{Err: &contract.DefaultError{Err: wrong}}, false, false},
		"a rule is wrong":                          {&launch.ValueError{Err: &launch.RuleError{Err: errors.New("pattern")}}, false, false},
		"an env file is wrong":                     {&launch.ValueError{Err: errors.Join(&envfile.Error{File: "a.env"})}, false, false},
		"a data file is wrong":                     {&launch.ValueError{Err: errors.Join(&datafile.Error{File: "a.yaml"})}, false, false},
		"an env file cannot be read":               {&launch.ValueError{Err: errors.Join(fmt.Errorf("cannot read: %w", denied))}, true, true},
		"a source is away":                         {&launch.ValueError{Err: errors.Join(&program.Error{Cause: errors.New("refused")})}, true, true},
		"a declared peer is not found":             {&launch.ValueError{Err: errors.Join(&resolve.NotFound{})}, true, true},
		"a declared peer does not answer":          {&launch.ValueError{Err: errors.Join(&resolve.NoAnswer{})}, true, true},
		"the configuration is wrong":               {&dialect.Problems{List: []*dialect.Problem{{Text: "expected a number"}}}, false, false},
		"the supervisor does not answer":           {fmt.Errorf("cannot give programs their new variables: %w", context.DeadlineExceeded), true, true},
		"nobody knows what it is":                  {errors.New("something else"), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := passing(row.err, false); got != row.again {
				t.Errorf("passing = %t, want %t", got, row.again)
			}
			if got := passing(row.err, true); got != row.judged {
				t.Errorf("passing where the word of a check is the last one = %t, want %t", got, row.judged)
			}
		})
	}
}

// The pauses grow, to five minutes, and are not the same for all of a fleet.
func TestPausesGrow(t *testing.T) {
	var r retry
	now := time.Now()
	for try := 1; try <= 20; try++ {
		r.later(now)
		most := transaction.Backoff(try)
		if pause := r.at.Sub(now); pause > most || pause < most*3/4 {
			t.Fatalf("try %d: after %v, want %v and at most a quarter less", try, pause, most)
		}
		if r.due(now) || !r.pending() {
			t.Fatalf("try %d is due at once, or not at all", try)
		}
		now = r.at
		if !r.due(now) || r.pending() {
			t.Fatalf("try %d is not due when its time has come, or twice", try)
		}
	}
}

// A change that was admitted by its rollout, and cannot be applied for a reason that passes, is
// neither well nor refused for the fleet. It keeps its share, and what comes of it is told later.
func TestOwedIsNotToldToTheFleet(t *testing.T) {
	shares, err := fleet.ParseShares([]string{"1", "100%"})
	if err != nil {
		t.Fatal(err)
	}
	outcome := make(chan protocol.Message, 1)
	f := &followed{Follower: program.Follower{Program: program.Program{Name: "etcd"}}}
	w := &watch{calm: calm{quiet: time.Hour, longest: time.Hour}, sources: []*followed{f}}
	w.turn = turn{
		rules: fleet.Rules{Slots: 1, Wait: time.Hour, Shares: shares}, program: f.Program, ctx: context.Background(), look: func() {}, log: slog.New(slog.DiscardHandler),
		roll: joining{outcome: outcome},
	}
	act := func() {
		t.Helper()
		w.calm.settled(time.Now())
		if w.mayApply(context.Background(), true, time.Now()) {
			t.Fatal("it is applied without a slot")
		}
		w.turn.hear(w.turn.ctx, func(time.Time) { w.turn.course.Held() })
		if !w.mayApply(context.Background(), false, time.Now()) {
			t.Fatal("it is not applied with a slot")
		}
	}
	defer w.turn.end()
	act()
	f.owed = "no space is left"
	w.turned(true)
	if len(outcome) > 0 {
		t.Fatalf("the fleet is told %v", <-outcome)
	}
	if w.turn.course.Busy() || w.turn.stop != nil {
		t.Error("the slot is kept while nothing can be done")
	}
	act()
	f.owed = ""
	w.turned(true)
	if m := <-outcome; m.Verb != protocol.Fresh {
		t.Errorf("the fleet is told %v, want that it is well", m)
	}
}

// deaf are programs of which one does not take its files over.
type deaf struct {
	name  string
	calls []string
}

func (d *deaf) Reload(_ context.Context, program string) error {
	d.calls = append(d.calls, "reload "+program)
	if program == d.name {
		return errors.New("exit status 1")
	}
	return nil
}

func (d *deaf) Restart(_ context.Context, program string) error {
	d.calls = append(d.calls, "restart "+program)
	return nil
}

func (d *deaf) Ready(context.Context, string) error { return nil }

// Where there is no folder to keep in what is owed, it is kept in memory: what a program did not
// take over is told again, that alone, and once with what is owed for the next change.
func TestOwedWithoutAFolder(t *testing.T) {
	programs := &deaf{name: "web"}
	engine := &converge.Engine{Programs: programs, Log: slog.New(slog.DiscardHandler)}
	want := func(calls ...string) {
		t.Helper()
		if !slices.Equal(programs.calls, calls) {
			t.Errorf("called %q, want %q", programs.calls, calls)
		}
		programs.calls = nil
	}
	var u *untold
	if u = u.next(&transaction.Result{Kept: true}, nil); u != nil {
		t.Errorf("it keeps %v, which the folder has", u)
	}
	u = u.next(&transaction.Result{Owed: []transaction.Effect{{Program: "web"}, {Program: "db"}}}, nil)
	for try := 1; try <= 3; try++ {
		next, err := u.tell(context.Background(), engine)
		if d := time.Until(next); err == nil || d > transaction.Backoff(try) || d < transaction.Backoff(try)-time.Second/2 {
			t.Errorf("try %d: again after %v (%v), want %v", try, d, err, transaction.Backoff(try))
		}
	}
	want("reload web", "reload db", "reload web", "reload web")
	u = u.next(&transaction.Result{Owed: []transaction.Effect{{Program: "web"}}}, []transaction.Effect{{Program: "db", Variables: []string{"COLOUR"}}})
	programs.name = ""
	if next, err := u.tell(context.Background(), engine); err != nil || !next.IsZero() {
		t.Errorf("all is paid: again at %v, %v", next, err)
	}
	want("reload web", "restart db")
}
