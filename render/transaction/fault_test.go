package transaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/transaction/durable"
	"slipway/render/transaction/durable/durabletest"
)

// world is a root with a runtime folder beside it.
type world struct {
	t    *testing.T
	root string
	opts Options
}

func newWorld(t *testing.T) *world { return newWorldIn(t, t.TempDir()) }

func newWorldIn(t *testing.T, dir string) *world {
	w := &world{t: t, root: filepath.Join(dir, "root"), opts: Options{Root: filepath.Join(dir, "root"), Runtime: filepath.Join(dir, "run"), Keep: 3}}
	w.mkdir("/etc")
	return w
}

func (w *world) path(dest string) string { return filepath.Join(w.root, dest) }

func (w *world) mkdir(dest string) {
	w.t.Helper()
	if err := os.MkdirAll(w.path(dest), 0o755); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(dest, text string, perm os.FileMode) {
	w.t.Helper()
	if err := os.WriteFile(w.path(dest), []byte(text), perm); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chmod(w.path(dest), perm); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(dest string) string {
	text, err := os.ReadFile(w.path(dest))
	if err != nil {
		return "!" + err.Error()
	}
	return string(text)
}

// tree lists every file below the root with mode and content.
func (w *world) tree() string {
	var out []string
	err := filepath.Walk(w.root, func(p string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(p, w.root)
		if strings.HasSuffix(rel, ".slipway-orig") {
			return nil // kept for good; where and whether is looked at by itself
		}
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s %o %q", rel, info.Mode().Perm(), text))
		} else {
			out = append(out, fmt.Sprintf("%s %v", rel, info.Mode().Type()))
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func (w *world) apply(plan *render.Plan) (*Result, error) {
	return Apply(context.Background(), durable.OS{}, plan, w.opts)
}

func (w *world) mustApply(plan *render.Plan) *Result {
	w.t.Helper()
	r, err := w.apply(plan)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// target is a plain one.
func target(dest, content string) render.Target {
	return render.Target{Dest: dest, Content: []byte(content), Shown: []byte(content), Template: "t", Mode: render.Keep, NewMode: 0o644, Write: render.WriteReplace}
}

// setOf is the set of the fault tests in one of its versions: a file that is replaced, one that is
// new in version 2, one that vanishes, a block in a file of somebody else, and a directory made on request.
func setOf(version int) *render.Plan {
	a := target("/etc/a.conf", fmt.Sprintf("a version %d\n", version))
	a.Notify, a.Mode = []string{"web"}, 0o640
	block := target("/etc/hosts", fmt.Sprintf("10.0.0.%d db\n", version))
	block.Write, block.Notify = render.WriteBlock, []string{"web", "db"}
	orig := target("/etc/orig.conf", fmt.Sprintf("made of the shipped one, version %d\n", version))
	orig.Original = version == 2
	plan := &render.Plan{Targets: []render.Target{a, block, orig}}
	if version == 1 {
		plan.Targets = append(plan.Targets, target("/etc/gone.conf", "only in version 1\n"))
	} else {
		deep := target("/etc/deep/er/new.conf", "only in version 2\n")
		deep.Parents = true
		plan.Targets = append(plan.Targets, deep)
		plan.Checks = []render.SetCheck{{Name: "all", Command: "test -e {staged:/etc/deep/er/new.conf}"}}
	}
	return plan
}

// at version 1, everything settled.
func versionOne(t *testing.T) *world {
	w := newWorldIn(t, testkit.MemoryDir(t))
	w.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644)
	w.write("/etc/orig.conf", "shipped\n", 0o644)
	r := w.mustApply(setOf(1))
	for _, e := range r.Owed {
		if err := Settle(durable.OS{}, w.opts, e); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestFaults(t *testing.T) {
	reference := versionOne(t)
	old := reference.tree()
	reference.mustApply(setOf(2))
	want := reference.tree()

	type mode struct {
		name    string
		mounted string // a file that can only be written in place
		fs      durabletest.Faulty
	}
	modes := []mode{
		{"EIO", "", durabletest.Faulty{Half: true}},
		{"ENOSPC", "", durabletest.Faulty{Err: syscall.ENOSPC, Half: true}},
		{"EACCES", "", durabletest.Faulty{Err: syscall.EACCES}},
		{"EBUSY", "", durabletest.Faulty{Err: syscall.EBUSY}},
		{"kill", "", durabletest.Faulty{Kill: true, Half: true}},
		{"EIO with a mounted file", "/etc/hosts", durabletest.Faulty{Half: true}},
		{"EACCES with a mounted file", "/etc/hosts", durabletest.Faulty{Err: syscall.EACCES}},
		{"kill with a mounted file", "/etc/hosts", durabletest.Faulty{Kill: true, Half: true}},
	}
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			stride := 1
			if testing.Short() {
				stride = 5
			}
			for k := 1; ; k += stride {
				w := versionOne(t)
				w.opts.Sync = true
				f := m.fs
				base := mounts{file: w.path(m.mounted)}
				f.FS, f.FailAt, f.Quick = base, k, true
				_, err := Apply(context.Background(), &f, setOf(2), w.opts)
				if f.Count < k {
					if err != nil || w.tree() != want {
						t.Fatalf("without a fault: %v\n%s", err, w.tree())
					}
					t.Logf("%d operations", f.Count)
					return
				}
				step := f.Log[k-1]
				afterFault(t, w, base, step, f.Kill, err, old, want)
			}
		})
	}
}

// afterFault checks the state after a fault, and that the next run ends well.
func afterFault(t *testing.T, w *world, base durable.FS, step string, killed bool, err error, old, want string) {
	t.Helper()
	fsys := &durabletest.Faulty{FS: base, Quick: true}
	if !killed {
		got := w.tree()
		switch {
		case err != nil && got != old && !errors.As(err, new(*RollbackError)):
			t.Errorf("%s: failed with %v and left\n%s\nwant the old\n%s", step, err, got, old)
		case err == nil && got != want && !strings.Contains(got, ".slipway-"):
			t.Errorf("%s: succeeded and left\n%s\nwant\n%s", step, got, want)
		}
	}
	what, rerr := Recover(fsys, w.opts)
	if rerr != nil {
		t.Errorf("%s: Recover: %v", step, rerr)
	}
	got := w.tree()
	if got != old && got != want {
		t.Errorf("%s: after recovery (%q) the set is mixed:\n%s\nold:\n%s", step, what, got, old)
	}
	owed, _, oerr := Owed(durable.OS{}, w.opts)
	if oerr != nil {
		t.Errorf("%s: Owed: %v", step, oerr)
	}
	if n := len(owed); got == want && n != 2 || got == old && n != 0 {
		t.Errorf("%s: owed after recovery is %v", step, owed)
	}
	r, err := Apply(context.Background(), fsys, setOf(2), w.opts)
	if err != nil {
		t.Errorf("%s: the next run fails: %v", step, err)
		return
	}
	if got := w.tree(); got != want {
		t.Errorf("%s: after the next run the set is\n%s\nwant\n%s", step, got, want)
	}
	if len(r.Owed) != 2 {
		t.Errorf("%s: owed after the next run is %v, want db and web", step, r.Owed)
	}
	if text, _, err := OriginalFile(fsys, w.opts)("/etc/orig.conf"); err != nil || string(text) != "made of the shipped one, version 1\n" {
		t.Errorf("%s: the original is %q, %v", step, text, err)
	}
	if names, _ := filepath.Glob(filepath.Join(w.opts.Runtime, "*")); strings.Contains(strings.Join(names, " "), "journal") || strings.Contains(strings.Join(names, " "), "/check") {
		t.Errorf("%s: the runtime folder has %v", step, names)
	}
}
