package converge

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/render"
	"slipway/render/language"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
)

// programs is a supervisor on paper. It writes down what it is asked.
type programs struct {
	calls  []string
	reload func(program string) error
	ready  func(program string) error
}

func (p *programs) Reload(_ context.Context, program string) error {
	p.calls = append(p.calls, "reload "+program)
	if p.reload != nil {
		return p.reload(program)
	}
	return nil
}

func (p *programs) Restart(_ context.Context, program string) error {
	p.calls = append(p.calls, "restart "+program)
	if p.reload != nil {
		return p.reload(program)
	}
	return nil
}

func (p *programs) Ready(_ context.Context, program string) error {
	p.calls = append(p.calls, "ready "+program)
	if p.ready != nil {
		return p.ready(program)
	}
	return nil
}

// bench is an engine over a folder, a clock that the test moves, and the programs.
type bench struct {
	*Engine
	programs *programs
	clock    time.Time
	root     string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{programs: &programs{}, clock: time.Unix(1_000_000, 0), root: t.TempDir()}
	b.Engine = &Engine{
		FS: durable.OS{},
		Options: transaction.Options{Root: b.root, Runtime: t.TempDir(), KeepOwner: true, Keep: 3,
			Now: func() time.Time { return b.clock }},
		Programs: b.programs,
		Log:      slog.New(slog.DiscardHandler),
	}
	return b
}

// apply writes the files, name to text, each with the program to notify, and
// returns the digest of the plan.
func (b *bench) apply(t *testing.T, files map[string]string, notify ...string) string {
	t.Helper()
	var set language.Set
	for _, name := range slices.Sorted(maps.Keys(files)) {
		set.Templates = append(set.Templates,
			language.Template{Dest: "/" + name, Name: name, Text: files[name], Mode: render.Keep, Notify: notify})
	}
	plan, err := language.Build(set, language.Data{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := transaction.Apply(context.Background(), b.FS, plan, b.Options); err != nil {
		t.Fatal(err)
	}
	return plan.Digest()
}

func (b *bench) wantFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(b.root, name))
	if err != nil || string(got) != want {
		t.Errorf("%s = %q, %v, want %q", name, got, err, want)
	}
}

func (b *bench) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.programs.calls, want) {
		t.Errorf("calls = %q, want %q", b.programs.calls, want)
	}
	b.programs.calls = nil
}

func TestSeveralFilesAreOneReload(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "1", "b": "1", "c": "1"}, "web")
	if next, err := b.Pay(context.Background()); err != nil || !next.IsZero() {
		t.Fatalf("Pay = %v, %v, want nothing owed", next, err)
	}
	b.wantCalls(t, "reload web", "ready web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t)
}

func TestAFailedReloadStaysOwed(t *testing.T) {
	b := newBench(t)
	broken := errors.New("connection refused")
	b.programs.reload = func(string) error { return broken }
	b.apply(t, map[string]string{"a": "1"}, "web")
	next, err := b.Pay(context.Background())
	if !errors.Is(err, broken) || !next.Equal(b.clock.Add(time.Second)) {
		t.Fatalf("Pay = %v, %v, want another try after a second", next, err)
	}
	b.wantCalls(t, "reload web")
	// The files are equal now; it is owed all the same.
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t)
	b.clock, b.programs.reload = next, nil
	if next, err = b.Pay(context.Background()); err != nil || !next.IsZero() {
		t.Errorf("Pay = %v, %v, want nothing owed", next, err)
	}
	b.wantCalls(t, "reload web", "ready web")
	b.wantFile(t, "a", "1")
}

func TestAProgramThatDoesNotRunIsNotOwed(t *testing.T) {
	b := newBench(t)
	b.programs.reload = func(string) error { return ErrNotRunning }
	b.apply(t, map[string]string{"a": "1"}, "web")
	if next, err := b.Pay(context.Background()); err != nil || !next.IsZero() {
		t.Errorf("Pay = %v, %v, want nothing owed", next, err)
	}
	b.wantCalls(t, "reload web")
}

func TestMinIntervalDefers(t *testing.T) {
	b := newBench(t)
	b.MinInterval = map[string]time.Duration{"web": time.Minute}
	b.apply(t, map[string]string{"a": "1"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.programs.calls = nil
	b.clock = b.clock.Add(time.Second)
	b.apply(t, map[string]string{"a": "2"}, "web")
	next, err := b.Pay(context.Background())
	if want := b.clock.Add(59 * time.Second); err != nil || !next.Equal(want) {
		t.Fatalf("Pay = %v, %v, want %v", next, err, want)
	}
	b.wantCalls(t)
	b.clock = next
	if next, err = b.Pay(context.Background()); err != nil || !next.IsZero() {
		t.Errorf("Pay = %v, %v, want nothing owed", next, err)
	}
	b.wantCalls(t, "reload web", "ready web")
}

func TestIllHealthTakesTheChangeBack(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "good", "b": "good"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.programs.calls = nil
	b.programs.ready = func(string) error {
		if text, _ := os.ReadFile(filepath.Join(b.root, "a")); string(text) == "bad" {
			return errors.New("exit status 1")
		}
		return nil
	}
	bad := b.apply(t, map[string]string{"a": "bad", "b": "bad"}, "web")
	next, err := b.Pay(context.Background())
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Program != "web" || !next.IsZero() {
		t.Fatalf("Pay = %v, %v, want the change refused and nothing owed", next, err)
	}
	b.wantCalls(t, "reload web", "ready web", "reload web", "ready web")
	b.wantFile(t, "a", "good")
	b.wantFile(t, "b", "good")
	last, err := transaction.LastRefused(b.FS, b.Options)
	if err != nil || last == nil || last.Digest != bad || !strings.Contains(last.Reason, "exit status 1") {
		t.Errorf("LastRefused = %+v, %v, want the bad plan with its reason", last, err)
	}
}

func TestIllHealthWithoutAFormerGenerationStaysOwed(t *testing.T) {
	b := newBench(t)
	b.Options.Keep = 0
	b.programs.ready = func(string) error { return errors.New("exit status 1") }
	b.apply(t, map[string]string{"a": "1"}, "web")
	next, err := b.Pay(context.Background())
	if !errors.Is(err, transaction.ErrNoGeneration) || next.IsZero() {
		t.Errorf("Pay = %v, %v, want the program owed", next, err)
	}
	b.wantFile(t, "a", "1")
}

func TestADoneContextLeavesTheDebt(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(context.Background())
	b.programs.reload = func(string) error { cancel(); return context.Canceled }
	b.apply(t, map[string]string{"a": "1"}, "web")
	next, err := b.Pay(ctx)
	if !errors.Is(err, context.Canceled) || !next.Equal(b.clock) {
		t.Errorf("Pay = %v, %v, want it due at once", next, err)
	}
}

// illWith makes web ill while a file has a text.
func (b *bench) illWith(name, text string) {
	b.programs.ready = func(string) error {
		if got, _ := os.ReadFile(filepath.Join(b.root, name)); string(got) == text {
			return errors.New("exit status 1")
		}
		return nil
	}
}

func TestAChangeThatOnlyMakesFilesIsTakenBack(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "1"}, "web")
	b.apply(t, map[string]string{"a": "2"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.illWith("b", "bad")
	b.apply(t, map[string]string{"a": "2", "b": "bad"}, "web")
	if _, err := b.Pay(context.Background()); !errors.As(err, new(*RefusedError)) {
		t.Fatalf("Pay = %v, want the change refused", err)
	}
	b.wantFile(t, "a", "2")
	if _, err := os.Stat(filepath.Join(b.root, "b")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file that made it ill is there: %v", err)
	}
}

func TestAllChangesThatAProgramWasNotToldOfAreTakenBack(t *testing.T) {
	b := newBench(t)
	b.MinInterval = map[string]time.Duration{"web": time.Minute}
	b.apply(t, map[string]string{"a": "good"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.illWith("a", "bad")
	b.apply(t, map[string]string{"a": "bad"}, "web")
	if _, err := b.Pay(context.Background()); err != nil { // deferred
		t.Fatal(err)
	}
	b.apply(t, map[string]string{"a": "bad", "other": "1"}, "web")
	b.clock = b.clock.Add(time.Minute)
	if _, err := b.Pay(context.Background()); !errors.As(err, new(*RefusedError)) {
		t.Fatalf("Pay = %v, want the change refused", err)
	}
	b.wantFile(t, "a", "good")
}

func TestAProgramThatStaysIllTakesNothingBackFurther(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "1"}, "web")
	b.apply(t, map[string]string{"a": "2"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.programs.ready = func(string) error { return errors.New("exit status 1") }
	b.apply(t, map[string]string{"a": "3"}, "web")
	next, err := b.Pay(context.Background())
	if !errors.As(err, new(*RefusedError)) || next.IsZero() {
		t.Fatalf("Pay = %v, %v, want the change refused and the program owed", next, err)
	}
	for range 3 {
		b.clock = next
		if next, err = b.Pay(context.Background()); err == nil || next.IsZero() {
			t.Fatalf("Pay = %v, %v, want the program owed", next, err)
		}
		b.wantFile(t, "a", "2")
	}
}

func TestEnginesTakeTurns(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "1"}, "web")
	unlock, err := b.lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Pay(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Pay = %v while another engine works, want it to wait", err)
	}
	b.wantCalls(t)
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "reload web", "ready web")
}

func TestTellIsOnceAndForAll(t *testing.T) {
	b := newBench(t)
	b.programs.ready = func(program string) error {
		if program == "ill" {
			return errors.New("exit status 1")
		}
		return nil
	}
	left, err := b.Tell(context.Background(), []transaction.Effect{{Program: "ill"}, {Program: "web"}})
	if err == nil || !strings.Contains(err.Error(), "ill did not come back healthy") || len(left) != 1 || left[0].Program != "ill" {
		t.Errorf("Tell = %v, %v, want ill, and what went wrong", left, err)
	}
	b.wantCalls(t, "reload ill", "ready ill", "reload web", "ready web")
}

func TestALimitIsSaidInWords(t *testing.T) {
	b := newBench(t)
	b.HealthLimits = map[string]time.Duration{"web": time.Millisecond}
	b.programs.ready = func(string) error { return context.DeadlineExceeded }
	b.apply(t, map[string]string{"a": "1"}, "web")
	if _, err := b.Pay(context.Background()); err == nil || !strings.Contains(err.Error(), "web did not come back healthy: not within 1ms") {
		t.Errorf("Pay = %v, want the limit in it", err)
	}
}

// A restart is the usual reload: when the program does not come up with the new files,
// that is not a reload to be tried again.
func TestAProgramThatDoesNotComeUpTakesTheChangeBack(t *testing.T) {
	b := newBench(t)
	b.apply(t, map[string]string{"a": "good"}, "web")
	b.apply(t, map[string]string{"a": "better"}, "web")
	if _, err := b.Pay(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.programs.reload = func(string) error {
		if text, _ := os.ReadFile(filepath.Join(b.root, "a")); string(text) == "bad" {
			return down{errors.New("exited too quickly")}
		}
		return nil
	}
	b.apply(t, map[string]string{"a": "bad"}, "web")
	next, err := b.Pay(context.Background())
	if !errors.As(err, new(*RefusedError)) || !strings.Contains(err.Error(), "exited too quickly") || !next.IsZero() {
		t.Errorf("Pay = %v, %v, want the change refused and nothing owed", next, err)
	}
	b.wantFile(t, "a", "better")
}

// fullDisk is a file system on which nothing can be made.
type fullDisk struct {
	durable.FS
	full *bool
}

func (f fullDisk) Create(name string, perm uint32) (durable.File, error) {
	if *f.full {
		return nil, syscall.ENOSPC
	}
	return f.FS.Create(name, perm)
}

// That a program was told cannot be kept: it is told again with growing pauses, not all
// the time, and no more once there is room.
func TestAFullDiskIsNoReasonToTellOverAndOver(t *testing.T) {
	b := newBench(t)
	full := false
	b.FS = fullDisk{b.FS, &full}
	b.apply(t, map[string]string{"a": "1"}, "web")
	full = true
	for try := 1; try <= 3; try++ {
		next, err := b.Pay(context.Background())
		if err == nil || !next.Equal(b.clock.Add(transaction.Backoff(try))) {
			t.Fatalf("try %d: Pay = %v after now, %v, want %v and an error", try, next.Sub(b.clock), err, transaction.Backoff(try))
		}
		b.wantCalls(t, "reload web", "ready web")
		if _, err := b.Pay(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.wantCalls(t) // its time has not come
		b.clock = next
	}
	full = false
	if next, err := b.Pay(context.Background()); err != nil || !next.IsZero() {
		t.Errorf("Pay = %v, %v, want nothing owed", next, err)
	}
}
