package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// limit bounds every wait for a subject.
const limit = 120 * time.Second

// probe compiles the helper program, once per test process.
func probe(b *testing.B) string {
	b.Helper()
	testkit.Need(b, testkit.Linux, testkit.Root, testkit.GCC)
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		b.Skip("the helper is written for amd64 and arm64")
	}
	path, err := compiledProbe()
	if err != nil {
		b.Fatal(err)
	}
	return path
}

var compiledProbe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "slipway-probe-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "probe")
	out, err := exec.Command("gcc", "-O2", "-Wall", "-Werror", "-static", "-nostdlib", "-nostartfiles", "-ffreestanding",
		"-fno-stack-protector", "-fno-pie", "-no-pie", "-s", "-o", path, "testdata/probe.c").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot compile the probe: %w\n%s", err, out)
	}
	return path, nil
})

// scratch is a new folder for one run, in memory where there is /dev/shm: the
// disk is not what is measured.
func scratch(b *testing.B) string {
	b.Helper()
	base := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "slipway-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// record is one mark that a probe has left.
type record struct {
	at   time.Duration // CLOCK_MONOTONIC
	what int           // the probe's pid in its namespace, or as the mode says
}

const recordSize = 16

func records(b *testing.B, path string) []record {
	b.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var all []record
	for ; len(data) >= recordSize; data = data[recordSize:] {
		all = append(all, record{
			at:   time.Duration(binary.NativeEndian.Uint64(data)),
			what: int(binary.NativeEndian.Uint64(data[8:])),
		})
	}
	return all
}

// running is a subject that has been started.
type running struct {
	name string
	dir  string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// start starts a subject as PID 1 of a new PID namespace. The file DIR/launch
// holds the moment before its execve.
func start(b *testing.B, probe string, c command) *running {
	b.Helper()
	r := &running{name: c.name, dir: c.dir, done: make(chan struct{})}
	for _, f := range []string{"launch", "starts"} {
		if err := os.WriteFile(filepath.Join(c.dir, f), nil, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	entrypoint, err := exec.LookPath(c.argv[0])
	if err != nil {
		b.Fatal(err)
	}
	r.cmd = exec.Command(probe, append([]string{"launch", filepath.Join(c.dir, "launch"), entrypoint}, c.argv[1:]...)...)
	r.cmd.Env = append([]string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}, c.env...)
	r.cmd.Dir = c.dir
	testkit.AsPID1(b, r.cmd)
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	r.cmd.Stdout, r.cmd.Stderr = log, log
	if c.stdout != nil {
		r.cmd.Stdout = c.stdout
	}
	if err := r.cmd.Start(); err != nil {
		b.Fatalf("cannot start %s: %v", c.name, err)
	}
	// Ends with the process, which end() or the benchmark's cleanup kills.
	go func() {
		r.cmd.Wait() // the status says nothing: it was killed
		close(r.done)
	}()
	b.Cleanup(r.end)
	return r
}

// end kills the namespace and waits until it is gone.
func (r *running) end() {
	r.cmd.Process.Kill() // an error means that it has ended
	<-r.done
}

// waitStarts waits until n programs have left their mark, and returns how long
// after the execve of the subject the last one did.
func (r *running) waitStarts(b *testing.B, n int) time.Duration {
	b.Helper()
	path := filepath.Join(r.dir, "starts")
	r.waitSize(b, path, n)
	launched := records(b, filepath.Join(r.dir, "launch"))
	if len(launched) != 1 {
		b.Fatalf("%s: %d launches are recorded, want 1", r.name, len(launched))
	}
	var last time.Duration
	for _, s := range records(b, path)[:n] {
		last = max(last, s.at)
	}
	return last - launched[0].at
}

// waitSize waits until a file has n records. It polls every 0.3 ms: rarely
// enough to leave the processor to the subject.
func (r *running) waitSize(b *testing.B, path string, n int) {
	b.Helper()
	deadline := time.Now().Add(limit)
	for {
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		if info.Size() >= int64(n)*recordSize {
			return
		}
		select {
		case <-r.done:
			b.Fatalf("%s has ended, with %d of %d programs started:\n%s", r.name, info.Size()/recordSize, n, r.log())
		case <-time.After(300 * time.Microsecond):
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s has started %d of %d programs within %v:\n%s", r.name, info.Size()/recordSize, n, limit, r.log())
		}
	}
}

func (r *running) log() string {
	data, err := os.ReadFile(filepath.Join(r.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}

// own are the subject's own processes: PID 1 and its descendants, without the
// programs it supervises.
func (r *running) own(probe string) []int {
	var own []int
	for todo := []int{r.cmd.Process.Pid}; len(todo) > 0; {
		pid := todo[0]
		todo = todo[1:]
		dir := "/proc/" + strconv.Itoa(pid)
		exe, err := os.Readlink(dir + "/exe")
		if err != nil {
			continue // it has ended
		}
		if exe != probe {
			own = append(own, pid)
		}
		tasks, _ := filepath.Glob(dir + "/task/*/children")
		for _, f := range tasks {
			data, _ := os.ReadFile(f) // a thread that has ended has no children
			for _, word := range strings.Fields(string(data)) {
				if child, err := strconv.Atoi(word); err == nil {
					todo = append(todo, child)
				}
			}
		}
	}
	return own
}

// resident is the summed resident memory of processes, in KiB.
func resident(pids []int) float64 {
	var sum float64
	for _, pid := range pids {
		sum += field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Rss:")
	}
	return sum
}

// switches are the context switches of all threads of processes so far: each is
// a time that one of them was woken.
func switches(pids []int) float64 {
	var sum float64
	for _, pid := range pids {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
		for _, f := range tasks {
			sum += field(f, "voluntary_ctxt_switches:") + field(f, "nonvoluntary_ctxt_switches:")
		}
	}
	return sum
}

// cpu is the processor time of all threads of processes so far.
func cpu(pids []int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, f := range tasks {
			data, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			var ns int64
			if _, err := fmt.Sscan(string(data), &ns); err == nil {
				sum += time.Duration(ns)
			}
		}
	}
	return sum
}

// field is the number after a name at the start of a line.
func field(path, name string) float64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			v, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return v
		}
	}
	return 0
}

// kill sends a signal to a process of the subject that is known by its number in
// the namespace.
func (r *running) kill(b *testing.B, probe string, inside int, sig syscall.Signal) (at time.Duration) {
	b.Helper()
	root := r.cmd.Process.Pid
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if exe, err := os.Readlink(dir + "/exe"); err != nil || exe != probe {
			continue
		}
		data, err := os.ReadFile(dir + "/status")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) == 3 && f[0] == "NSpid:" && f[2] == strconv.Itoa(inside) && sameNamespace(root, dir) {
				pid, _ := strconv.Atoi(f[1])
				at = monotonic()
				if err := syscall.Kill(pid, sig); err != nil {
					b.Fatalf("cannot kill %d of %s: %v", pid, r.name, err)
				}
				return at
			}
		}
	}
	b.Fatalf("%s: program with pid %d does not run", r.name, inside)
	return 0
}

func sameNamespace(root int, dir string) bool {
	a, err1 := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", root))
	b, err2 := os.Readlink(dir + "/ns/pid")
	return err1 == nil && err2 == nil && a == b
}

// inTurn calls f for every subject, in a new random order.
func inTurn(subjects []subject, f func(subject)) {
	for _, i := range rand.Perm(len(subjects)) {
		f(subjects[i])
	}
}
