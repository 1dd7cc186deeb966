package transaction

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/transaction/durable"
	"slipway/render/transaction/durable/durabletest"
)

// interrupted is a world in which a change was killed at its k-th operation; ok is false
// when the change has fewer.
func interrupted(t *testing.T, k int) (w *world, ok bool) {
	w = versionOne(t)
	f := durabletest.Faulty{FS: durable.OS{}, FailAt: k, Kill: true, Quick: true}
	Apply(t.Context(), &f, setOf(2), w.opts) //nolint:errcheck // it is killed
	return w, f.Count >= k
}

// inSwap is a world in which a change was killed after its first file was swapped.
func inSwap(t *testing.T) *world {
	for k := 1; ; k++ {
		w, ok := interrupted(t, k)
		if !ok {
			t.Fatal("the change never was in its swap")
		}
		if w.read("/etc/a.conf") == "a version 2\n" {
			return w
		}
	}
}

// A journal that can go neither way is set aside with all versions of its files, and the
// render goes on.
func TestJournalThatGoesNeitherWay(t *testing.T) {
	rows := map[string]func(w *world){
		"staged and backup are gone": func(w *world) {
			w.removeBeside("")
		},
		"the file has become a folder": func(w *world) {
			w.removeBeside("new")
			w.must(os.Remove(w.path("/etc/a.conf")))
			w.mkdir("/etc/a.conf/x")
		},
		"its folder has become a file": func(w *world) {
			w.removeBeside("new")
			w.must(os.Rename(w.path("/etc"), w.path("/etc2")), os.Mkdir(w.path("/etc"), 0o755))
			w.write("/etc/a.conf", "by somebody else\n", 0o644)
		},
	}
	for name, damage := range rows {
		t.Run(name, func(t *testing.T) {
			w := inSwap(t)
			w.write("/etc/a.conf", "neither old nor new\n", 0o644)
			damage(w)
			what, err := Recover(durable.OS{}, w.opts)
			if err != nil || !strings.Contains(what, "neither forward nor back") || !strings.Contains(what, "aside-000001") {
				t.Fatalf("Recover says %q, %v", what, err)
			}
			kept, _ := filepath.Glob(filepath.Join(w.opts.Runtime, "aside-000001", "*"))
			if !slices.Contains(kept, filepath.Join(w.opts.Runtime, "aside-000001", journalFile)) {
				t.Errorf("set aside is %v, want the journal in it", kept)
			}
			if name == "the file has become a folder" {
				w.must(os.RemoveAll(w.path("/etc/a.conf")))
			}
			w.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644)
			w.write("/etc/orig.conf", "shipped\n", 0o644)
			w.mustApply(setOf(2))
			if got := w.read("/etc/a.conf"); got != "a version 2\n" {
				t.Errorf("after the next render a.conf is %q", got)
			}
		})
	}
}

func (w *world) must(errs ...error) {
	w.t.Helper()
	if err := errors.Join(errs...); err != nil {
		w.t.Fatal(err)
	}
}

// removeBeside removes what a change staged or kept beside its targets.
func (w *world) removeBeside(kind string) {
	names, _ := filepath.Glob(w.path("/etc/.*.slipway-" + kind + "*"))
	for _, n := range names {
		w.must(os.Remove(n))
	}
}

// All versions that there are of a file are kept.
func TestVersionsAreKeptAside(t *testing.T) {
	w := inSwap(t)
	w.write("/etc/a.conf", "neither old nor new\n", 0o644)
	for _, e := range []string{"new", "old"} {
		w.write("/etc/.a.conf.slipway-"+e, e+" and damaged\n", 0o600)
	}
	if _, err := Recover(durable.OS{}, w.opts); err != nil {
		t.Fatal(err)
	}
	var got []string
	names, _ := filepath.Glob(filepath.Join(w.opts.Runtime, "aside-000001", "*-a.conf"))
	for _, n := range names {
		text, _ := os.ReadFile(n)
		got = append(got, filepath.Base(n)[2:]+": "+strings.TrimSpace(string(text)))
		if info, err := os.Stat(n); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", n, info.Mode(), err)
		}
	}
	want := []string{"new-a.conf: new and damaged", "old-a.conf: old and damaged", "present-a.conf: neither old nor new"}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
}

// What may be gone at the next start is waited for, and the message names the journal.
func TestPassingErrorKeepsTheJournal(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EROFS, syscall.EIO} {
		w := inSwap(t)
		fsys := failing{FS: durable.OS{}, err: errno}
		_, err := Recover(fsys, w.opts)
		if !errors.Is(err, errno) || !strings.Contains(err.Error(), w.opts.state(journalFile)) {
			t.Errorf("Recover gives %v, want %v with the name of the journal", err, errno)
		}
		if _, err := Recover(durable.OS{}, w.opts); err != nil {
			t.Errorf("afterwards Recover gives %v", err)
		}
	}
}

// failing cannot rename.
type failing struct {
	durable.FS
	err error
}

func (f failing) Rename(from, to string) error {
	return &fs.PathError{Op: "rename", Path: to, Err: f.err}
}

func (f failing) Overwrite(name string) (durable.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: f.err}
}

// Every damage of one byte and every truncation of every state file leads to a render, or
// to a message; and never to a change of a file that is no target.
func TestEveryDamage(t *testing.T) {
	w := inSwap(t)
	w.write("/etc/bystander", "untouched\n", 0o644)
	state := map[string][]byte{}
	snapshot(t, w.opts.Runtime, "", state)
	root := map[string][]byte{}
	snapshot(t, w.root, "", root)
	if len(state[journalFile]) == 0 || len(state[manifestFile]) == 0 {
		t.Fatalf("the runtime folder has %v", slices.Sorted(maps.Keys(state)))
	}
	step := max(1, 31/testkit.Repeat(t, 1))
	for _, name := range []string{journalFile, manifestFile} {
		for at := 0; at < len(state[name]); at += step {
			for _, damaged := range [][]byte{
				state[name][:at],
				replaced(state[name], at, state[name][at]^1),
				replaced(state[name], at, 0),
			} {
				restore(t, w.opts.Runtime, state)
				restore(t, w.root, root)
				w.must(os.WriteFile(w.opts.state(name), damaged, 0o600))
				r, err := w.apply(setOf(2))
				if err != nil {
					t.Fatalf("%s, byte %d: %v\n%s", name, at, err, damaged)
				}
				if got := w.read("/etc/bystander"); got != "untouched\n" {
					t.Fatalf("%s, byte %d: the bystander is %q", name, at, got)
				}
				if got := w.read("/etc/a.conf"); got != "a version 2\n" {
					t.Fatalf("%s, byte %d: a.conf is %q, notes %v", name, at, got, r.Notes)
				}
			}
		}
	}
}

func replaced(text []byte, at int, by byte) []byte {
	out := slices.Clone(text)
	out[at] = by
	return out
}

func snapshot(t *testing.T, dir, rel string, into map[string][]byte) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, rel))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := filepath.Join(rel, e.Name())
		if e.IsDir() {
			snapshot(t, dir, name, into)
			continue
		}
		if into[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func restore(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// A damaged generation is not put back: the message names it and says what to do.
// TestOtherJSON: what is JSON, and not ours, is said without the words of Go.
func TestOtherJSON(t *testing.T) {
	w := versionOne(t)
	w.mustApply(setOf(2))
	names, err := generations(durable.OS{}, w.opts)
	if err != nil || len(names) == 0 {
		t.Fatalf("generations are %v, %v", names, err)
	}
	for _, text := range []string{"[]", `"x"`, "7", `{"version":"x"}`, `{"version":1,"files":7}`} {
		w.must(os.WriteFile(w.opts.state(names[len(names)-1]), []byte(text), 0o600))
		_, err := RollbackPlan(durable.OS{}, w.opts)
		if err == nil || !errors.As(err, new(*UselessError)) || !strings.Contains(err.Error(), "it has not what slipway writes there") || strings.Contains(err.Error(), "unmarshal") {
			t.Errorf("a generation of %s: %v", text, err)
		}
		w.must(os.WriteFile(w.opts.state(manifestFile), []byte(text), 0o600))
		if r, err := w.apply(setOf(2)); err != nil || strings.Contains(strings.Join(r.Notes, " "), "unmarshal") {
			t.Errorf("a manifest of %s: %v, %v", text, r.Notes, err)
		}
	}
}

func TestDamagedGeneration(t *testing.T) {
	w := versionOne(t)
	w.mustApply(setOf(2))
	names, err := generations(durable.OS{}, w.opts)
	if err != nil || len(names) == 0 {
		t.Fatalf("generations are %v, %v", names, err)
	}
	file := w.opts.state(names[len(names)-1])
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for at := range text {
		for _, damaged := range [][]byte{text[:at], replaced(text, at, text[at]^1)} {
			w.must(os.WriteFile(file, damaged, 0o600))
			plan, err := RollbackPlan(durable.OS{}, w.opts)
			if err == nil {
				if whole := text[:strings.LastIndex(string(text), sumKey)]; !strings.HasPrefix(string(damaged), string(whole)) {
					t.Fatalf("byte %d: a damaged generation gives %v", at, plan)
				}
				continue
			}
			if !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "remove it") {
				t.Fatalf("byte %d: %v, want the file and what to do", at, err)
			}
		}
	}
}

// What a killed run was writing is removed by the next one, whatever its number.
func TestRemnantsOfStateFiles(t *testing.T) {
	w := versionOne(t)
	left := []string{"generation-000007.json.new", "journal.json.new", "manifest.json.new", "original.new"}
	for _, n := range append(left, "sources.json.new") {
		w.must(os.WriteFile(w.opts.state(n), []byte("former secret"), 0o600))
	}
	w.mustApply(setOf(1))
	for _, n := range left {
		if _, err := os.Lstat(w.opts.state(n)); !missing(err) {
			t.Errorf("%s is still there (%v)", n, err)
		}
	}
	if _, err := os.Lstat(w.opts.state("sources.json.new")); err != nil {
		t.Errorf("a file that is being written by the watcher is gone: %v", err)
	}
}

// Names that are not absolute, in each state file, crashed or led elsewhere.
func TestRelativeNames(t *testing.T) {
	for _, bad := range []string{"etc/a.conf", "", "/", "..", "/etc/../root/x", "/etc/a\x00b"} {
		m, _ := json.Marshal(manifest{Version: stateVersion, Files: map[string]fileRecord{bad: {Made: true}}})
		j, _ := json.Marshal(journal{Version: stateVersion, Phase: phaseSwap, Entries: []journalEntry{{Path: bad, Staged: bad}}})
		for name, text := range map[string][]byte{manifestFile: m, journalFile: j} {
			w := versionOne(t)
			w.must(os.WriteFile(w.opts.state(name), text, 0o600))
			r := w.mustApply(setOf(1))
			if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, name+".damaged") }) {
				t.Errorf("%s with %q: notes are %q, want that it was set aside", name, bad, r.Notes)
			}
		}
	}
}

// A state file that others can have written, or that is none, is not believed and nobody waits for it.
func TestStateOfOthers(t *testing.T) {
	j := func(w *world) []byte {
		text, _ := json.Marshal(journal{Version: stateVersion, Phase: phaseSwap, Entries: []journalEntry{
			{Path: w.path("/etc/bystander"), Staged: (&Change{Path: w.path("/etc/bystander")}).beside("new"), Old: ""},
		}})
		return text
	}
	rows := map[string]func(w *world, file string) error{
		"others can write it": func(w *world, file string) error {
			return errors.Join(os.WriteFile(file, j(w), 0o600), os.Chmod(file, 0o666))
		},
		"a link": func(w *world, file string) error {
			return errors.Join(os.WriteFile(w.path("/planted"), j(w), 0o600), os.Symlink(w.path("/planted"), file))
		},
		"a FIFO":   func(_ *world, file string) error { return syscall.Mkfifo(file, 0o600) },
		"a folder": func(_ *world, file string) error { return os.Mkdir(file, 0o700) },
	}
	if os.Geteuid() == 0 {
		rows["of somebody else"] = func(w *world, file string) error {
			return errors.Join(os.WriteFile(file, j(w), 0o600), os.Chown(file, 1234, 1234))
		}
	}
	for name, plant := range rows {
		for _, state := range []string{journalFile, manifestFile} {
			t.Run(name+" as "+state, func(t *testing.T) {
				w := versionOne(t)
				w.write("/etc/bystander", "untouched\n", 0o644)
				w.must(os.RemoveAll(w.opts.state(state)), plant(w, w.opts.state(state)))
				r := w.mustApply(setOf(1))
				if got := w.read("/etc/bystander"); got != "untouched\n" {
					t.Errorf("the bystander is %q", got)
				}
				if !strings.Contains(strings.Join(r.Notes, "\n"), "is of no use") {
					t.Errorf("notes are %q", r.Notes)
				}
			})
		}
	}
}

// Root believes nothing in a runtime folder of somebody else, and renders all the same.
func TestRuntimeFolderOfOthers(t *testing.T) {
	testkit.Need(t, testkit.Root)
	w := versionOne(t)
	w.write("/etc/bystander", "untouched\n", 0o644)
	record := manifest{Version: stateVersion, Generation: 1, Files: map[string]fileRecord{"/etc/bystander": {Made: true, Digest: render.Digest([]byte("untouched\n")), Write: render.WriteReplace}}}
	text, _ := json.Marshal(record)
	w.must(os.WriteFile(w.opts.state(manifestFile), text, 0o600), os.Chown(w.opts.Runtime, 1234, 1234))
	r := w.mustApply(setOf(2))
	if got := w.read("/etc/bystander"); got != "untouched\n" {
		t.Errorf("the bystander is %q", got)
	}
	if r.Kept || !strings.Contains(strings.Join(r.Notes, "\n"), "belongs to uid 1234") {
		t.Errorf("kept %v, notes %q", r.Kept, r.Notes)
	}
}
