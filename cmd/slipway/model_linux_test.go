package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// judge knows the history of a store as etcd tells it: the whole content after each write.
// It shares nothing with slipway but the text that the template is to make.
type judge struct {
	t *testing.T
	s *etcdtest.Server
	// wants are the texts in the order of the history.
	wants []string
}

// pair is a key as `etcdctl get -w json` prints it, in base64.
type pair struct{ Key, Value []byte }

// look adds what the store holds now.
func (j *judge) look() {
	j.t.Helper()
	var answer struct{ Kvs []pair }
	if err := json.Unmarshal([]byte(etcdctl(j.t, j.s, "get", "--prefix", "/", "-w", "json")), &answer); err != nil {
		j.t.Fatal(err)
	}
	var lines []string
	for _, p := range answer.Kvs {
		if key := string(p.Key); strings.HasPrefix(key, "/a/") || strings.HasPrefix(key, "/b/") {
			lines = append(lines, key+"="+string(p.Value)+"\n")
		}
	}
	slices.Sort(lines)
	if text := strings.Join(lines, ""); len(j.wants) == 0 || j.wants[len(j.wants)-1] != text {
		j.wants = append(j.wants, text)
	}
}

// newest is what the files are to be in the end.
func (j *judge) newest() string { return j.wants[len(j.wants)-1] }

// check looks at what was rendered, in order: each is the content at one revision, and none
// is older than one before.
func (j *judge) check(rendered []string) {
	j.t.Helper()
	at := 0
	for n, text := range rendered {
		i := slices.Index(j.wants[at:], text)
		switch {
		case i >= 0:
			at += i
		case slices.Contains(j.wants, text):
			j.t.Errorf("render %d of %d goes back to an older revision:\n%s", n+1, len(rendered), text)
		default:
			j.t.Errorf("render %d of %d is of no revision:\n%s", n+1, len(rendered), text)
		}
	}
}

// trouble are the faults that the model makes; each is over when its function returns.
func trouble(f *faulty, random *rand.Rand) map[string]func() {
	pause := func() { // of the fault, not to wait for something: any length will do
		<-time.After(time.Duration(random.IntN(700)) * time.Millisecond)
	}
	return map[string]func(){
		"cut":          func() { f.wire.Cut(); pause(); f.wire.Mend() },
		"stop":         func() { resume := f.s.Pause(); pause(); resume() },
		"restart":      func() { f.s.Stop(); pause(); f.s.Run() },
		"compact":      func() { etcdctl(f.t, f.s, "compact", strconv.Itoa(f.storeRevision())) },
		"kill source":  func() { f.end("slipway-source-etcd") },
		"kill watcher": func() { f.end("slipway\x00watch") },
	}
}

// end kills a process if there is one: it may be between two lives.
func (f *faulty) end(word string) {
	for _, pid := range descendants(f.t, f.cmd.Process.Pid) {
		if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && strings.Contains(string(line), word) {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill() // it has ended by itself
			}
		}
	}
}

// storeRevision is the revision of the whole store.
func (f *faulty) storeRevision() int {
	f.t.Helper()
	var answer struct{ Header struct{ Revision int } }
	if err := json.Unmarshal([]byte(etcdctl(f.t, f.s, "get", "/none", "-w", "json")), &answer); err != nil {
		f.t.Fatal(err)
	}
	return answer.Header.Revision
}

// change makes a random change: of one key, of the same key under both prefixes in one
// transaction, or of a key that goes.
func (f *faulty) change(random *rand.Rand, n int) {
	f.t.Helper()
	key, value := fmt.Sprintf("k%d", random.IntN(5)), fmt.Sprintf("v%d", n)
	prefix := []string{"/a/", "/b/"}[random.IntN(2)]
	switch random.IntN(4) {
	case 0:
		etcdctl(f.t, f.s, "del", prefix+key)
	case 1:
		etcdctl(f.t, f.s, "put", prefix+key, value)
	default:
		txn(f.t, f.s, "put /a/"+key+" "+value, "put /b/"+key+" "+value)
	}
}

// TestModel lets writers and faults go about at random. Whatever was rendered is the content
// at one revision, in order; programs are told no more often than files have changed; and
// when the faults are over the newest revision is applied.
func TestModel(t *testing.T) {
	random := rand.New(rand.NewPCG(testkit.Seed(t), 1))
	s := etcdtest.Start(t, etcdtest.Options{Version: etcdtest.Versions()[random.IntN(2)]})
	j := &judge{t: t, s: s}
	txn(t, s, "put /a/k0 v", "put /b/k0 v")
	j.look()
	f := &faulty{s: s, wire: etcdtest.Connect(t, s)}
	prefix := []string{"/a/ /b/", "/"}[random.IntN(2)] // two watches, or one
	f.container = newContainer(t, `
secret_dirs =
quiet = 20ms
quiet_max = 100ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+f.wire.Endpoint+`
prefix = `+prefix+`
timeout = 1s
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "cat {file} >>DIR/rendered; echo end >>DIR/rendered"
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
`)
	f.write("out.tmpl", `{{ range $p := list "/a" "/b" }}{{ range kvTree $p }}{{ $p }}/{{ .Key }}={{ .Value }}
{{ end }}{{ end }}`)
	f.up()
	faults := trouble(f, random)
	names := slices.Sorted(maps.Keys(faults))
	steps := testkit.Repeat(t, 40)
	for n := range steps {
		if random.IntN(8) == 0 {
			name := names[random.IntN(len(names))]
			t.Logf("step %d: %s", n, name)
			faults[name]()
		}
		f.change(random, n)
		j.look()
	}
	testkit.Eventually(t, testkit.Patience, "the newest revision is in force", func() error {
		if got := f.read("out.conf"); got != j.newest() {
			return fmt.Errorf("it is\n%swant\n%s", got, j.newest())
		}
		return nil
	})
	testkit.Eventually(t, testkit.Patience, "it is applied", func() error {
		var list []struct{ Wanted, Applied int64 }
		_, out := f.ask("status", "--sources", "--output", "json")
		text := strings.NewReplacer("revision_wanted", "Wanted", "revision_applied", "Applied").Replace(out)
		if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 || list[0].Wanted == 0 || list[0].Wanted != list[0].Applied {
			return errors.Join(errors.New(out), err)
		}
		return nil
	})
	rendered := strings.SplitAfter(f.read("rendered"), "end\n")
	for i := range rendered {
		rendered[i] = strings.TrimSuffix(rendered[i], "end\n")
	}
	rendered = rendered[:len(rendered)-1]
	j.check(rendered)
	if told := f.times("told", "told\n"); told > len(slices.Compact(rendered))-1 {
		t.Errorf("web was told %d times of %d files", told, len(rendered))
	}
	t.Logf("%d writes, %d revisions with another content, %d renders, %d reloads; %s, prefix = %s", steps, len(j.wants), len(rendered), f.times("told", "told\n"), filepath.Base(s.Endpoint), prefix)
	f.down()
}
