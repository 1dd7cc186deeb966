package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/etcdtest"
	"slipway/internal/testkit"
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

func median(costs []cost) (time.Duration, int64) {
	walls, rss := []time.Duration{}, []int64{}
	for _, c := range costs {
		walls, rss = append(walls, c.wall), append(rss, c.rss)
	}
	slices.Sort(walls)
	slices.Sort(rss)
	return walls[len(walls)/2], rss[len(rss)/2]
}

// 10,000 keys are read in at most 1.5 times the time and twice the memory of
// etcdctl get --prefix, which reads them in one response. The two run in turns,
// and medians are compared.
func TestTenThousandKeysAgainstEtcdctl(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	testkit.Need(t, testkit.Linux, "etcdctl")
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	fill(t, s, 10000)
	p := source(t, "endpoints="+s.Endpoint, "prefix=/many/")
	var request strings.Builder
	if err := (protocol.Request{Settings: p.Settings}).Write(&request); err != nil {
		t.Fatal(err)
	}
	etcdctl, err := exec.LookPath("etcdctl")
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs []cost
	for range 9 {
		ours = append(ours, measure(t, request.String(), []string{}, p.Path))
		theirs = append(theirs, measure(t, "", []string{"ETCDCTL_API=3"}, etcdctl, "--endpoints", s.Endpoint, "get", "--prefix", "/many/"))
	}
	if ours[0].out != 10003 || theirs[0].out != 20000 {
		t.Fatalf("%d and %d lines, want 10003 and 20000", ours[0].out, theirs[0].out)
	}
	ourTime, ourRSS := median(ours)
	theirTime, theirRSS := median(theirs)
	timeRatio, rssRatio := float64(ourTime)/float64(theirTime), float64(ourRSS)/float64(theirRSS)
	t.Logf("10,000 keys: slipway-source-etcd %v, %d KiB; etcdctl get --prefix %v, %d KiB; ratio %.2f in time, %.2f in memory",
		ourTime, ourRSS, theirTime, theirRSS, timeRatio, rssRatio)
	if timeRatio > 1.5 || rssRatio > 2 {
		t.Errorf("ratio is %.2f in time and %.2f in memory, want at most 1.5 and 2", timeRatio, rssRatio)
	}
	u, err := p.Get(context.Background())
	if err != nil || len(u.Keys) != 10000 {
		t.Errorf("Get = %d keys, %v", len(u.Keys), err)
	}
}

// The same through the product: the keys are read and a file with all of them is
// rendered. The memory is that of the larger of its two processes. Each run is
// compared with the one beside it, and the median of the ratios counts: on a machine that
// is busy with others two processes lose more than one does, now and then.
func TestTenThousandKeysRenderedAgainstEtcdctl(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
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
	slipway := testkit.Binaries(t).Slipway
	etcdctl, err := exec.LookPath("etcdctl")
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs []cost
	for range 15 {
		if err := os.RemoveAll(filepath.Join(dir, "out")); err != nil {
			t.Fatal(err)
		}
		ours = append(ours, measure(t, "", []string{}, slipway, "render", "-c", filepath.Join(dir, "app.conf")))
		theirs = append(theirs, measure(t, "", []string{"ETCDCTL_API=3"}, etcdctl, "--endpoints", s.Endpoint, "get", "--prefix", "/many/"))
	}
	if text, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || bytes.Count(text, []byte("\n")) != 10000 {
		t.Fatalf("the file has %d lines, %v, want 10000", bytes.Count(text, []byte("\n")), err)
	}
	ourTime, ourRSS := median(ours)
	theirTime, theirRSS := median(theirs)
	var ratios []float64
	for i := range ours {
		ratios = append(ratios, float64(ours[i].wall)/float64(theirs[i].wall))
	}
	slices.Sort(ratios)
	timeRatio, rssRatio := ratios[len(ratios)/2], float64(ourRSS)/float64(theirRSS)
	t.Logf("10,000 keys: slipway render %v, %d KiB; etcdctl get --prefix %v, %d KiB; ratio %.2f in time, %.2f in memory",
		ourTime, ourRSS, theirTime, theirRSS, timeRatio, rssRatio)
	if timeRatio > 1.5 || rssRatio > 2 {
		t.Errorf("ratio is %.2f in time and %.2f in memory, want at most 1.5 and 2", timeRatio, rssRatio)
	}
}
