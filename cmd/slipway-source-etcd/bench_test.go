package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// fill puts n keys of about 100 bytes below /many/.
func fill(t testing.TB, s *etcdtest.Server, n int) {
	t.Helper()
	var txn strings.Builder
	flush := func() {
		cmd := exec.Command("etcdctl", "--endpoints", s.Endpoint, "txn")
		cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
		cmd.Stdin = strings.NewReader("\n" + txn.String() + "\n\n")
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("SUCCESS")) {
			t.Fatalf("etcdctl txn: %v\n%s", err, out)
		}
		txn.Reset()
	}
	for i := range n {
		fmt.Fprintf(&txn, "put /many/section-%03d/key-%05d %s\n", i%100, i, strings.Repeat("v", 64))
		if i%100 == 99 {
			flush()
		}
	}
}

// cost is what one run of a command takes.
type cost struct {
	wall time.Duration
	rss  int64 // KiB, the most that was resident
	out  int
}

func measure(t testing.TB, stdin string, env []string, path string, args ...string) cost {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Env = env
	cmd.Stdin = strings.NewReader(stdin)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, stderr.String())
	}
	wall := time.Since(start)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("no resource usage on this system")
	}
	return cost{wall, int64(usage.Maxrss), bytes.Count(out.Bytes(), []byte("\n"))}
}

// many is an etcd with 10,000 keys below /many/, our commands that read them, and etcdctl's.
type many struct {
	source, render, etcdctl func() cost
	out                     string // the file that render makes
}

func withManyKeys(t testing.TB) many {
	t.Helper()
	testkit.Need(t, testkit.Linux, "etcdctl")
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	fill(t, s, 10000)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"app.conf": "[slipway]\nruntime = " + dir + "/run\nenv_dir =\nsecret_dirs =\n[etcd]\nendpoints = " + s.Endpoint + "\nprefix = /many/\n" +
			"[template:" + dir + "/out]\nsource = " + dir + "/all.tmpl\n",
		"all.tmpl": "{{ range kvTree \"\" }}{{ .Key }}={{ .Value }}\n{{ end }}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var request strings.Builder
	p := source(t, "endpoints="+s.Endpoint, "prefix=/many/")
	if err := (protocol.Request{Settings: p.Settings}).Write(&request); err != nil {
		t.Fatal(err)
	}
	slipway := testkit.Binaries(t).Slipway
	etcdctl, err := exec.LookPath("etcdctl")
	if err != nil {
		t.Fatal(err)
	}
	m := many{out: filepath.Join(dir, "out")}
	m.source = func() cost { return measure(t, request.String(), []string{}, p.Path) }
	m.etcdctl = func() cost {
		return measure(t, "", []string{"ETCDCTL_API=3"}, etcdctl, "--endpoints", s.Endpoint, "get", "--prefix", "/many/")
	}
	m.render = func() cost {
		if err := os.RemoveAll(m.out); err != nil {
			t.Fatal(err)
		}
		return measure(t, "", []string{}, slipway, "render", "-c", filepath.Join(dir, "app.conf"))
	}
	return m
}

// All of 10,000 keys arrive, and are rendered.
func TestTenThousandKeys(t *testing.T) {
	m := withManyKeys(t)
	if ours, theirs := m.source().out, m.etcdctl().out; ours != 10004 || theirs != 20000 {
		t.Errorf("%d and %d lines, want 10004 of ours and 20000 of etcdctl's", ours, theirs)
	}
	m.render()
	if text, err := os.ReadFile(m.out); err != nil || bytes.Count(text, []byte("\n")) != 10000 {
		t.Errorf("the file has %d lines, %v, want 10000", bytes.Count(text, []byte("\n")), err)
	}
}

// BenchmarkTenThousandKeys compares reading them, and reading and rendering them, with
// etcdctl get --prefix, which reads them in one response: at most 1.5 times the time and
// twice the memory (of the larger of our two processes) are promised. Each run is compared
// with the one beside it; the medians of the ratios are reported.
func BenchmarkTenThousandKeys(b *testing.B) {
	m := withManyKeys(b)
	check := os.Getenv("SLIPWAY_BENCH_CHECK") != ""
	for _, subject := range []struct {
		name string
		run  func() cost
	}{{"read", m.source}, {"render", m.render}} {
		b.Run(subject.name, func(b *testing.B) {
			var walls, sizes []float64
			for b.Loop() {
				ours, theirs := subject.run(), m.etcdctl()
				walls = append(walls, float64(ours.wall)/float64(theirs.wall))
				sizes = append(sizes, float64(ours.rss)/float64(theirs.rss))
			}
			slices.Sort(walls)
			slices.Sort(sizes)
			wall, size := walls[len(walls)/2], sizes[len(sizes)/2]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(wall, "x-etcdctl-time")
			b.ReportMetric(size, "x-etcdctl-rss")
			if check && (wall > 1.5 || size > 2) {
				b.Errorf("%.2f times etcdctl's time and %.2f its memory, want at most 1.5 and 2", wall, size)
			}
		})
	}
}
