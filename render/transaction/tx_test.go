package transaction

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/language"
	"slipway/render/transaction/durable"
	"slipway/templates"
)

func TestUnchangedWritesNothing(t *testing.T) {
	w := versionOne(t)
	before := map[string]time.Time{}
	for _, f := range []string{w.path("/etc/a.conf"), w.path("/etc"), w.opts.Runtime, filepath.Join(w.opts.Runtime, manifestFile)} {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		before[f] = info.ModTime()
	}
	r := w.mustApply(setOf(1))
	if got := r.Changed(); got != nil {
		t.Errorf("changed %v, want nothing", got)
	}
	for f, want := range before {
		if info, err := os.Stat(f); err != nil || !info.ModTime().Equal(want) {
			t.Errorf("%s was written (%v)", f, err)
		}
	}
}

func TestWriteOnce(t *testing.T) {
	w := newWorld(t)
	once := target("/etc/once", "first\n")
	once.Write = render.WriteOnce
	w.mustApply(&render.Plan{Targets: []render.Target{once}})
	once.Content = []byte("second\n")
	w.mustApply(&render.Plan{Targets: []render.Target{once}})
	if got := w.read("/etc/once"); got != "first\n" {
		t.Errorf("file is %q, want it untouched", got)
	}
}

func TestBlock(t *testing.T) {
	rows := []struct {
		name, dest, file, block string
		bottom                  bool
		want, again             string // again: with the block "new\n"
	}{
		{"top", "/f", "a\nb\n", "x\n", false, "# BEGIN\nx\n# END\na\nb\n", "# BEGIN\nnew\n# END\na\nb\n"},
		{"bottom without a last newline", "/f", "a", "x", true, "a\n# BEGIN\nx\n# END\n", "a\n# BEGIN\nnew\n# END\n"},
		{"below #!", "/f.sh", "#!/bin/sh\na\n", "x\n", false, "#!/bin/sh\n# BEGIN\nx\n# END\na\n", "#!/bin/sh\n# BEGIN\nnew\n# END\na\n"},
		{"xml", "/f.xml", "<?xml version=\"1.0\"?>\n<a/>\n", "<b/>\n", false, "<?xml version=\"1.0\"?>\n<!-- BEGIN -->\n<b/>\n<!-- END -->\n<a/>\n", "<?xml version=\"1.0\"?>\n<!-- BEGIN -->\nnew\n<!-- END -->\n<a/>\n"},
		{"empty file", "/f", "", "x\n", false, "# BEGIN\nx\n# END\n", "# BEGIN\nnew\n# END\n"},
		{"stays where it was moved to", "/f", "a\n# BEGIN\nold\n# END\nb\n", "x\n", false, "a\n# BEGIN\nx\n# END\nb\n", "a\n# BEGIN\nnew\n# END\nb\n"},
	}
	long := strings.NewReplacer("BEGIN", blockBegin, "END", blockEnd)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			tgt := &render.Target{Dest: r.dest, Bottom: r.bottom}
			got, err := withBlock([]byte(long.Replace(r.file)), []byte(r.block), tgt)
			if err != nil || string(got) != long.Replace(r.want) {
				t.Fatalf("got %q, %v, want %q", got, err, long.Replace(r.want))
			}
			if twice, err := withBlock(got, []byte(r.block), tgt); err != nil || string(twice) != string(got) {
				t.Errorf("the second time gives %q, %v", twice, err)
			}
			if again, err := withBlock(got, []byte("new\n"), tgt); err != nil || string(again) != long.Replace(r.again) {
				t.Errorf("another block gives %q, %v, want %q", again, err, long.Replace(r.again))
			}
		})
	}
	for _, bad := range []string{"# BEGIN\nx\n", "# BEGIN\n# END\n# BEGIN\n# END\n"} {
		if got, err := withBlock([]byte(long.Replace(bad)), []byte("x\n"), &render.Target{Dest: "/f"}); err == nil {
			t.Errorf("withBlock(%q) = %q, want an error", bad, got)
		}
	}
	if _, err := withBlock(nil, []byte("# "+blockEnd+"\n"), &render.Target{Dest: "/f"}); err == nil {
		t.Error("a block with the end mark in it was accepted")
	}
}

func TestVanished(t *testing.T) {
	w := newWorld(t)
	w.write("/etc/theirs", "theirs\n", 0o644)
	w.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644)
	block := target("/etc/hosts", "x\n")
	block.Write = render.WriteBlock
	w.mustApply(&render.Plan{Targets: []render.Target{target("/etc/ours", "ours\n"), target("/etc/theirs", "replaced\n"), target("/etc/touched", "t\n"), block}})
	w.write("/etc/touched", "by somebody else\n", 0o644)
	r := w.mustApply(&render.Plan{})
	for dest, want := range map[string]string{
		"/etc/ours": "!open " + w.path("/etc/ours") + ": no such file or directory", "/etc/theirs": "replaced\n",
		"/etc/touched": "by somebody else\n", "/etc/hosts": "127.0.0.1 localhost\n",
	} {
		if got := w.read(dest); got != want {
			t.Errorf("%s is %q, want %q", dest, got, want)
		}
	}
	if len(r.Notes) != 2 {
		t.Errorf("notes are %q, want two", r.Notes)
	}
	if r := w.mustApply(&render.Plan{}); len(r.Notes) != 0 {
		t.Errorf("the notes are repeated: %q", r.Notes)
	}
}

func TestCheckStopsEverything(t *testing.T) {
	w := versionOne(t)
	before := w.tree()
	plan := setOf(2)
	plan.Secrets = []string{"hunter2hunter2"}
	plan.Targets[0].Check = "cat {file} >&2; echo hunter2hunter2; exit 3"
	_, err := w.apply(plan)
	var check *CheckError
	if !errors.As(err, &check) {
		t.Fatalf("error is %v, want a *CheckError", err)
	}
	if want := "cannot commit: check for /etc/a.conf failed: exit status 3"; err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
	if want := "a version 2\n«redacted»\n"; check.Output != want {
		t.Errorf("output is %q, want %q", check.Output, want)
	}
	if got := w.tree(); got != before {
		t.Errorf("the tree changed to\n%s", got)
	}
}

func TestSetCheckSeesStagedFiles(t *testing.T) {
	w := versionOne(t)
	out := filepath.Join(t.TempDir(), "seen")
	plan := setOf(2)
	plan.Targets = append(plan.Targets, target("/etc/gone.conf", "only in version 1\n"))
	plan.Checks = []render.SetCheck{{Name: "all", Command: "cat {staged:/etc/a.conf} {staged:/etc/gone.conf} > " + out}}
	w.mustApply(plan)
	got, err := os.ReadFile(out)
	if want := "a version 2\nonly in version 1\n"; err != nil || string(got) != want {
		t.Errorf("the check saw %q, %v, want %q", got, err, want)
	}
}

// nginx is the set of a web server: its main file, which belongs to the distribution
// unless main is given, and what that includes.
func nginxSet(main string, sites map[string]string) *render.Plan {
	p := &render.Plan{Checks: []render.SetCheck{{Name: "nginx", Command: "nginx -q -t -g 'pid /dev/null;' -c {staged:/etc/nginx/nginx.conf}"}}}
	if main != "" {
		p.Targets = append(p.Targets, target("/etc/nginx/nginx.conf", main))
	}
	for _, name := range slices.Sorted(maps.Keys(sites)) {
		p.Targets = append(p.Targets, target("/etc/nginx/"+name, sites[name]))
	}
	return p
}

// nginx -t sees all files as they will be, whether or not the main one is among those
// that change, and what it says is said of their own names.
func TestSetCheckByNginx(t *testing.T) {
	testkit.Need(t, testkit.Linux, "nginx")
	const head = "error_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	const main = head + "include conf.d/*.conf;\ninclude /etc/nginx/sites-enabled/*;\ninclude /etc/nginx/mime.types;\n}\n"
	const good, bad = "server { listen unix:/dev/null; }\n", "server {\n  lissten 80;\n}\n"
	for _, tt := range []struct {
		name   string
		before map[string]string // what the distribution has in /etc/nginx
		main   string
		sites  map[string]string
		want   string // in the error; "" for none
	}{
		{"all new", nil, main, map[string]string{"conf.d/a.conf": good}, ""},
		{"a bad relative include", nil, main, map[string]string{"conf.d/a.conf": bad}, `unknown directive "lissten" in /etc/nginx/conf.d/a.conf:2`},
		{"a bad absolute include", nil, main, map[string]string{"sites-enabled/a": bad}, `unknown directive "lissten" in /etc/nginx/sites-enabled/a:2`},
		{"the main file of the distribution", map[string]string{"nginx.conf": main}, "", map[string]string{"sites-enabled/a": bad}, `"lissten" in /etc/nginx/sites-enabled/a:2`},
		{"a link to a changed file", map[string]string{"nginx.conf": main, "sites-available/a": good}, "", map[string]string{"sites-available/a": bad}, `"lissten" in /etc/nginx/sites-enabled/a:2`},
		{"an old bad one that is made good", map[string]string{"nginx.conf": main, "conf.d/a.conf": bad}, "", map[string]string{"conf.d/a.conf": good}, ""},
		{"another folder", map[string]string{"nginx.conf": bad}, "", map[string]string{"../other.conf": "x"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			for _, dir := range []string{"conf.d", "sites-enabled", "sites-available"} {
				w.mkdir("/etc/nginx/" + dir)
			}
			w.write("/etc/nginx/mime.types", "types { text/html html; }\n", 0o644)
			for name, text := range tt.before {
				w.write("/etc/nginx/"+name, text, 0o644)
				if name == "sites-available/a" {
					if err := os.Symlink("/etc/nginx/sites-available/a", w.path("/etc/nginx/sites-enabled/a")); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := w.tree()
			plan := nginxSet(tt.main, tt.sites)
			for i := range plan.Targets {
				plan.Targets[i].Dest = filepath.Clean(plan.Targets[i].Dest)
			}
			_, err := w.apply(plan)
			var check *CheckError
			switch {
			case tt.want == "" && err != nil:
				if errors.As(err, &check) {
					t.Log(check.Detail())
				}
				t.Errorf("error is %v, want none", err)
			case tt.want != "":
				if !errors.As(err, &check) || !strings.Contains(check.Output, tt.want) || strings.Contains(check.Output, w.opts.Runtime) {
					t.Errorf("error is %v, output %q, want %q in it", err, check.Output, tt.want)
				}
				if got := w.tree(); got != before {
					t.Errorf("files are\n%s\nwant\n%s", got, before)
				}
			}
			if _, err := os.Lstat(filepath.Join(w.opts.Runtime, "check")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the copy for the check is left: %v", err)
			}
		})
	}
}

func TestSetCheckHasItsOwnTimeLimit(t *testing.T) {
	w := newWorld(t)
	_, err := w.apply(&render.Plan{Targets: []render.Target{target("/etc/a", "x")}, Checks: []render.SetCheck{{Name: "slow", Command: "sleep 60", Timeout: 100 * time.Millisecond}}})
	if err == nil || !strings.Contains(err.Error(), "killed after 100ms") {
		t.Errorf("error is %v, want that it was killed", err)
	}
}

func TestCheckTimeLimit(t *testing.T) {
	w := newWorld(t)
	w.opts.CheckTimeout = 200 * time.Millisecond
	tgt := target("/etc/a", "x")
	tgt.Check = "sleep 60 & sleep 60"
	start := time.Now()
	_, err := w.apply(&render.Plan{Targets: []render.Target{tgt}})
	if err == nil || !strings.Contains(err.Error(), "killed after 200ms") {
		t.Errorf("error is %v, want that it was killed", err)
	}
	if d := time.Since(start); d > 40*time.Second {
		t.Errorf("it took %v, want it killed before its sleep of a minute ends", d)
	}
}

func TestCheckMayLeaveAChild(t *testing.T) {
	w := newWorld(t)
	tgt := target("/etc/a", "x")
	tgt.Check = "sleep 60 & exit 0"
	start := time.Now()
	if _, err := w.apply(&render.Plan{Targets: []render.Target{tgt}}); err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > 40*time.Second {
		t.Errorf("a child that keeps the output open held the check for %v", d)
	}
}

func TestGenerations(t *testing.T) {
	w := newWorld(t)
	w.opts.Keep = 2
	for _, v := range []string{"1", "2", "3", "4"} {
		w.mustApply(&render.Plan{Targets: []render.Target{target("/etc/a", v)}})
	}
	for _, want := range []string{"3", "2"} {
		plan, err := RollbackPlan(durable.OS{}, w.opts)
		if err != nil {
			t.Fatal(err)
		}
		w.mustApply(plan)
		if got := w.read("/etc/a"); got != want {
			t.Errorf("after a rollback the file is %q, want %q", got, want)
		}
	}
	if _, err := RollbackPlan(durable.OS{}, w.opts); !errors.Is(err, ErrNoGeneration) {
		t.Errorf("error is %v, want that nothing is kept", err)
	}
}

// The values of a file are those of what is in place: of the newest change, also where it
// changes no file, and after a rollback of what was put back.
func TestFilesKnowTheirValues(t *testing.T) {
	w := newWorld(t)
	w.opts.Keep = 2
	plan := func(content string, revision int64) *render.Plan {
		tg := target("/etc/a", content)
		tg.Origins = []render.Origin{{Kind: render.Key, Name: "b"}, {Kind: render.Key, Name: "a", From: "etcd", Revision: revision}}
		return &render.Plan{Targets: []render.Target{tg, target("/etc/b", "constant")}}
	}
	want := func(revision int64) {
		t.Helper()
		files, err := Files(durable.OS{}, w.opts)
		if err != nil || len(files) != 2 || files[0].File != "/etc/a" || files[0].Revision != revision || len(files[0].Values) != 2 ||
			files[1].Revision != 0 || files[1].Values == nil {
			t.Errorf("the files are %+v, %v, want revision %d", files, err, revision)
		}
	}
	w.mustApply(plan("1", 7))
	want(7)
	w.mustApply(plan("1", 8))
	want(8)
	w.mustApply(plan("2", 9))
	want(9)
	back, err := RollbackPlan(durable.OS{}, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	w.mustApply(back)
	want(8)
}

func TestRollbackOfAWholeSet(t *testing.T) {
	w := versionOne(t)
	before := w.tree()
	w.mustApply(setOf(2))
	plan, err := RollbackPlan(durable.OS{}, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	r := w.mustApply(plan)
	got := strings.ReplaceAll(strings.ReplaceAll(w.tree(), "\n/etc/deep/er d---------", ""), "\n/etc/deep d---------", "")
	if got != before {
		t.Errorf("after the rollback the tree is\n%s\nwant\n%s", got, before)
	}
	if len(r.Owed) != 2 {
		t.Errorf("owed is %v, want db and web", r.Owed)
	}
	if r := w.mustApply(setOf(1)); r.Changed() != nil {
		t.Errorf("the old set still changes %v", r.Changed())
	}
}

func TestRefusedPlanIsNotTriedAgain(t *testing.T) {
	w := versionOne(t)
	plan := setOf(2)
	if err := MarkRefused(durable.OS{}, w.opts, Refusal{Digest: plan.Digest(), Program: "web", Reason: "exited at once"}); err != nil {
		t.Fatal(err)
	}
	var refused *RefusedError
	if _, err := w.apply(plan); !errors.As(err, &refused) {
		t.Errorf("error is %v, want a *RefusedError", err)
	}
	other := setOf(2)
	other.Targets[0].Content = []byte("a version 3\n")
	if _, err := w.apply(other); err != nil {
		t.Errorf("another input is refused as well: %v", err)
	}
}

func TestEffects(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w := versionOne(t)
	w.opts.Now = func() time.Time { return now }
	r := w.mustApply(setOf(2))
	if len(r.Owed) != 2 || r.Owed[1].Program != "web" || strings.Join(r.Owed[1].Dests, " ") != "/etc/a.conf /etc/hosts" {
		t.Fatalf("owed is %+v, want db, and web once for two files", r.Owed)
	}
	web := r.Owed[1]
	if err := Postpone(durable.OS{}, w.opts, web, "exit status 1"); err != nil {
		t.Fatal(err)
	}
	if err := Settle(durable.OS{}, w.opts, r.Owed[0]); err != nil {
		t.Fatal(err)
	}
	owed, done, err := Owed(durable.OS{}, w.opts)
	if err != nil || len(owed) != 1 || owed[0].Failure != "exit status 1" || done["db"] != now {
		t.Fatalf("owed is %+v, %v, %v, want web alone", owed, done, err)
	}
	if due, next := Due(owed, done, nil, now); due != nil || next != now.Add(time.Second) {
		t.Errorf("due is %v, next %v, want to wait a second", due, next)
	}
	if due, _ := Due(owed, done, nil, now.Add(time.Second)); len(due) != 1 {
		t.Errorf("nothing is due after the second")
	}
	// The debt is not forgotten because the files are equal now.
	if r := w.mustApply(setOf(2)); len(r.Owed) != 1 {
		t.Errorf("owed after a render without changes is %v", r.Owed)
	}
	// A newer change is not settled by news of an older one.
	w.mustApply(setOf(1))
	if err := Settle(durable.OS{}, w.opts, web); err != nil {
		t.Fatal(err)
	}
	if owed, _, _ := Owed(durable.OS{}, w.opts); len(owed) != 2 || owed[1].Tries != 0 {
		t.Errorf("owed is %+v, want web afresh", owed)
	}
	w.opts.NothingRuns = true
	if r := w.mustApply(setOf(1)); len(r.Owed) != 0 {
		t.Errorf("owed at the start of the container is %v", r.Owed)
	}
}

func TestMinIntervalDefers(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	owed := []Effect{{Program: "web"}, {Program: "db"}}
	done := map[string]time.Time{"web": now.Add(-10 * time.Second)}
	due, next := Due(owed, done, map[string]time.Duration{"web": time.Minute, "db": time.Minute}, now)
	if len(due) != 1 || due[0].Program != "db" || next != now.Add(50*time.Second) {
		t.Errorf("due is %v, next %v, want db now and web in 50 s", due, next)
	}
}

func TestSecretMode(t *testing.T) {
	w := newWorld(t)
	w.write("/etc/there", "old\n", 0o644)
	secret := func(dest string) render.Target {
		t := target(dest, "pw\n")
		t.Secret, t.NewMode, t.Shown = true, 0o600, []byte(render.Redacted+"\n")
		return t
	}
	given := secret("/etc/given")
	given.Mode = 0o640
	w.mustApply(&render.Plan{Targets: []render.Target{given, secret("/etc/new"), secret("/etc/there")}})
	for dest, want := range map[string]os.FileMode{"/etc/new": 0o600, "/etc/there": 0o600, "/etc/given": 0o640} {
		if info, err := os.Stat(w.path(dest)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %o", dest, info.Mode(), err, want)
		}
	}
}

func TestUnknownOwnersAllAtOnce(t *testing.T) {
	w := newWorld(t)
	a, b := target("/etc/a", "x"), target("/etc/b", "x")
	a.Owner, b.Owner = "nobody-here", "0:no-group"
	_, err := w.apply(&render.Plan{Targets: []render.Target{a, b}})
	for _, want := range []string{`cannot render /etc/a: owner = nobody-here: there is no user "nobody-here"`, `cannot render /etc/b: owner = 0:no-group: there is no group "no-group"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q in it", err, want)
		}
	}
}

// A file that no longer holds a secret held one: what goes away is not shown.
func TestDiffOfAFormerSecret(t *testing.T) {
	w := newWorld(t)
	w.write("/etc/private", "pw=hunter2\nport=1\n", 0o600)
	w.write("/etc/open", "pw=hunter3\nport=1\n", 0o644)
	plan := &render.Plan{Targets: []render.Target{target("/etc/private", "port=1\n"), target("/etc/open", "port=1\n")}, Secrets: []string{"hunter3"}}
	r, err := Compare(durable.OS{}, plan, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	got := FormatDiff(Diffs(r.Changes), false)
	if strings.Contains(got, "hunter") || !strings.Contains(got, "\n-«redacted»\n port=1\n") || !strings.Contains(got, "\n-pw=«redacted»\n port=1\n") {
		t.Errorf("diff is\n%s", got)
	}
}

func TestDiff(t *testing.T) {
	w := newWorld(t)
	w.write("/etc/a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", 0o644)
	w.write("/etc/s", "pw=old\nport=1\n", 0o644)
	s := target("/etc/s", "pw=new\nport=2\nx=\x1b[31m\n")
	s.Secret, s.Shown, s.NewMode = true, []byte("pw=«redacted»\nport=2\nx=\x1b[31m\n"), 0o600
	hidden := target("/etc/t", "topsecret\n")
	hidden.Secret, hidden.Shown = true, nil
	r, err := Compare(durable.OS{}, &render.Plan{Targets: []render.Target{target("/etc/a", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"), target("/etc/n", "new\n"), s, hidden}}, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	want := `--- a/etc/a
+++ b/etc/a
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
--- /dev/null
+++ b/etc/n
@@ -0,0 +1 @@
+new
--- a/etc/s
+++ b/etc/s
mode 0644 -> 0600
@@ -1,2 +1,3 @@
-«redacted»
-«redacted»
+pw=«redacted»
+port=2
+x=` + "\uFFFD" + `[31m
--- /dev/null
+++ b/etc/t
(holds a secret, and nothing of it can be shown)
`
	if got := FormatDiff(Diffs(r.Changes), false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	text, err := MarshalDiff(Diffs(r.Changes))
	if err != nil || !json.Valid(text) || strings.Contains(string(text), "pw=new") || strings.Contains(string(text), "topsecret") {
		t.Errorf("JSON is %s, %v", text, err)
	}
	if _, err := os.Stat(w.opts.Runtime); err == nil {
		t.Error("Compare made the runtime folder")
	}
}

func TestStaleFilesWithoutJournal(t *testing.T) {
	w := newWorld(t)
	w.opts.Runtime = ""
	w.write("/etc/a", "old", 0o644)
	w.write("/etc/.a.slipway-new", "half", 0o644)
	w.write("/etc/.a.slipway-old", "older", 0o644)
	w.write("/etc/b", "same", 0o644)
	w.write("/etc/.b.slipway-new", "half", 0o644)
	w.mustApply(&render.Plan{Targets: []render.Target{target("/etc/a", "new"), target("/etc/b", "same")}})
	if got, want := w.tree(), " d---------\n/etc d---------\n/etc/a 644 \"new\"\n/etc/b 644 \"same\""; got != want {
		t.Errorf("tree is\n%s\nwant\n%s", got, want)
	}
}

// mounts is a file system on which some files are mounted by themselves.
type mounts struct {
	durable.OS
	file string
}

func (m mounts) Rename(from, to string) error {
	if to == m.file || from == m.file {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EBUSY}
	}
	return m.OS.Rename(from, to)
}

func (m mounts) Link(from, to string) error {
	if from == m.file {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EXDEV}
	}
	return m.OS.Link(from, to)
}

func TestMountedFileIsWrittenInPlace(t *testing.T) {
	w := versionOne(t)
	before, err := os.Stat(w.path("/etc/hosts"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(context.Background(), mounts{file: w.path("/etc/hosts")}, setOf(2), w.opts); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(w.path("/etc/hosts"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was replaced: %v", err)
	}
	if !strings.Contains(w.read("/etc/hosts"), "10.0.0.2 db") || strings.Contains(w.tree(), ".slipway-") {
		t.Errorf("tree is\n%s", w.tree())
	}
}

func TestOriginalIsThatOfTheDistribution(t *testing.T) {
	for _, runtime := range []string{"", "run"} {
		w := newWorld(t)
		if runtime == "" {
			w.opts.Runtime = ""
		}
		w.write("/etc/app.conf", "shipped\n", 0o640)
		for _, version := range []string{"1", "2"} {
			data := language.Data{Env: language.Vars{"V": version}, Original: OriginalFile(durable.OS{}, w.opts)}
			plan, err := language.Build(language.Set{Templates: []language.Template{{Dest: "/etc/app.conf", Name: "t", Text: "{{ original }}v{{ .Env.V }}\n", Mode: render.Keep}}}, data)
			if err != nil {
				t.Fatal(err)
			}
			w.mustApply(plan)
			if got, want := w.read("/etc/app.conf"), "shipped\nv"+version+"\n"; got != want {
				t.Errorf("version %s is %q, want %q", version, got, want)
			}
		}
	}
}

func TestBlockOfAShippedTemplateTwiceIsOnce(t *testing.T) {
	tmpl, ok := templates.Get("default-tomcat")
	if !ok {
		t.Fatal("no template default-tomcat ships")
	}
	set := language.Set{Templates: []language.Template{{Dest: "/etc/default/tomcat10", Name: "builtin:" + tmpl.Name, Text: tmpl.Text, Mode: render.Keep, Write: tmpl.Write}}}
	plan, err := language.Build(set, language.Data{Env: language.Vars{"PATH": "/evil", "A": "it's $HOME", "B": "a\nb"}})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Targets[0].Write != render.WriteBlock {
		t.Fatalf("it is written as %s, want a block", plan.Targets[0].Write)
	}
	w := newWorld(t)
	w.mkdir("/etc/default")
	w.write("/etc/default/tomcat10", "JAVA_HOME=/x\n", 0o644)
	w.mustApply(plan)
	before := w.tree()
	if r := w.mustApply(plan); r.Changed() != nil || w.tree() != before {
		t.Errorf("the second start changes %v", r.Changed())
	}
	if got := w.read("/etc/default/tomcat10"); !strings.HasSuffix(got, "JAVA_HOME=/x\n") {
		t.Errorf("the text of the distribution is not below the block: %q", got)
	}
}
