package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// quiet is that of the containers of the benchmark.
const quiet = 50 * time.Millisecond

// post puts a key over the gateway of a server: a process for each put would be slower than what
// is measured.
func post(t testing.TB, s *etcdtest.Server, key, value string) {
	t.Helper()
	text := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	resp, err := http.Post(s.Endpoint+"/v3/kv/put", "application/json", strings.NewReader(fmt.Sprintf(`{"key":%q,"value":%q}`, text(key), text(value))))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}

// child starts a process that ends with the test. Each line that it writes comes over the channel.
func child(t testing.TB, cmd *exec.Cmd) <-chan string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 100)
	ended := make(chan struct{})
	go func() { // ends with the process, which the cleanup ends
		defer close(ended)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		_ = cmd.Wait() // it was told to end
	})
	return lines
}

// hear waits for a line with a text.
func hear(t testing.TB, lines <-chan string, text string) time.Time {
	t.Helper()
	limit := time.After(testkit.Patience)
	for {
		select {
		case line := <-lines:
			if strings.Contains(line, text) {
				return time.Now()
			}
		case <-limit:
			t.Fatalf("%q does not come", text)
		}
	}
}

// processor is what all processes below one have used, those included that have ended.
func processor(t testing.TB, root int) time.Duration {
	t.Helper()
	parents, used := map[int]int{}, map[int]time.Duration{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := bytes.Cut(text, []byte(") "))
		f := strings.Fields(string(rest))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parents[pid], _ = strconv.Atoi(f[1])
		for _, ticks := range f[11:15] {
			n, _ := strconv.Atoi(ticks)
			used[pid] += time.Duration(n) * 10 * time.Millisecond
		}
	}
	var sum time.Duration
	for pid := range used {
		for p := pid; p > 1; p = parents[p] {
			if p == root {
				sum += used[pid]
				break
			}
		}
	}
	return sum
}

// BenchmarkFollow measures the time from a put to the signal that a program gets when its file is
// in place, beside a watcher that only prints the event, `etcdctl watch`, and the processor time
// that a change takes. The program is Python, which waits in the kernel for its signal.
func BenchmarkFollow(b *testing.B) {
	testkit.Need(b, testkit.Linux, testkit.Python, "etcdctl")
	for _, n := range []int{1, 10, 10_000} {
		b.Run(fmt.Sprintf("of %d", n), func(b *testing.B) {
			s := etcdtest.Start(b, etcdtest.Options{Version: "debian"})
			if n >= 100 {
				fill(b, s, n)
			}
			for i := 1; i < n && n < 100; i++ {
				post(b, s, fmt.Sprintf("/many/key-%d", i), "v")
			}
			post(b, s, "/many/level", "begin")
			dir := b.TempDir()
			for name, text := range map[string]string{
				"app.conf": "[slipway]\nruntime = " + dir + "/run\nenv_dir =\nsecret_dirs =\nquiet = " + quiet.String() + "\n" +
					"[supervisord]\nlogfile = /dev/stderr\nlogfile_maxbytes = 0\n" +
					"[etcd]\nendpoints = " + s.Endpoint + "\nprefix = /many/\n" +
					"[template:" + dir + "/out]\nsource = " + dir + "/out.tmpl\nnotify = app\n" +
					"[program:app]\ncommand = /usr/bin/python3 -u " + dir + "/app.py\nreload = signal HUP\nstartsecs = 0\nstdout_logfile = /dev/stdout\nstdout_logfile_maxbytes = 0\n",
				"out.tmpl": "level {{ kv \"level\" }}\n",
				"app.py": "import signal\nsignal.signal(signal.SIGHUP, lambda *_: print('told', open('" + dir + "/out').read().split()[1]))\n" +
					"print('told', open('" + dir + "/out').read().split()[1])\nwhile True: signal.pause()\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			ours := exec.Command(testkit.Binaries(b).Slipway, "run", "-c", filepath.Join(dir, "app.conf"))
			told := child(b, ours)
			hear(b, told, "told begin")
			bare := exec.Command("etcdctl", "--endpoints", s.Endpoint, "watch", "/many/level")
			bare.Env = append(os.Environ(), "ETCDCTL_API=3")
			printed := child(b, bare)
			testkit.Eventually(b, testkit.Patience, "the bare watcher watches", func() error {
				post(b, s, "/many/level", "warm")
				if len(printed) == 0 {
					return errors.New("it prints nothing")
				}
				return nil
			})
			turn := 0
			change := func() (watch, all time.Duration) {
				turn++
				text := fmt.Sprintf("turn-%d", turn)
				at := time.Now()
				post(b, s, "/many/level", text)
				watch = hear(b, printed, text).Sub(at)
				return watch, hear(b, told, "told "+text).Sub(at)
			}
			for range 3 { // both follow, and are warm
				change()
			}
			var limits, times []float64
			const each = 20 // changes of a round: the processor's clock is coarse
			before := processor(b, ours.Process.Pid)
			for b.Loop() {
				for range each {
					watch, all := change()
					limits, times = append(limits, watch.Seconds()*1000), append(times, all.Seconds()*1000)
				}
			}
			used := processor(b, ours.Process.Pid) - before
			slices.Sort(limits)
			slices.Sort(times)
			median, late := len(times)/2, len(times)*99/100
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(limits[median], "ms-bare")
			b.ReportMetric(limits[late], "ms-bare-p99")
			b.ReportMetric(times[median], "ms-told")
			b.ReportMetric(times[late], "ms-told-p99")
			b.ReportMetric(times[median]-limits[median]-quiet.Seconds()*1000, "ms-over-quiet")
			b.ReportMetric(times[median]/limits[median], "x-bare")
			b.ReportMetric(used.Seconds()*1000/float64(len(times)), "ms-cpu/change")
		})
	}
}
