package kernel

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// envAlone tells a process of its own that a test wants.
const envAlone = "SLIPWAY_TEST_ALONE"

// alone runs the test that calls it in a process of its own, of which nothing has used the
// threads yet. It reports whether this is that process.
func alone(t *testing.T) bool {
	if os.Getenv(envAlone) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), envAlone+"=1", "GOMAXPROCS=8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

func threadsOf(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nThreads:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKeepThreads: with everything blocked that can be, and the collector at work, no
// thread is made. Twenty pipes of which nobody reads have no thread at all.
func TestKeepThreads(t *testing.T) {
	if !alone(t) {
		return
	}
	k, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	KeepThreads()
	before := threadsOf(t)

	var writers sync.WaitGroup
	var readers []int
	pipe := func(flags int) (w int) {
		var p [2]int
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC|flags); err != nil {
			t.Fatal(err)
		}
		readers = append(readers, p[0])
		return p[1]
	}
	for range 2 { // standard output and standard error
		w := pipe(0)
		writers.Go(func() {
			for range 4 {
				k.Write(w, make([]byte, 64<<10))
			}
			k.Close(w)
		})
	}
	for range 20 { // what was opened here
		w := pipe(unix.O_NONBLOCK)
		writers.Go(func() {
			for range 4 {
				for left := make([]byte, 64<<10); len(left) > 0; {
					n, err := k.Write(w, left)
					left = left[n:]
					if err == unix.EAGAIN {
						k.Writable(w)
					}
				}
			}
			k.Close(w)
		})
	}
	stop := make(chan struct{})
	var rest sync.WaitGroup
	rest.Go(func() { // the loop
		for {
			select {
			case <-stop:
				return
			default:
				k.Wait(nil, 5*time.Millisecond)
			}
		}
	})
	rest.Go(func() { // a timer, and garbage
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_ = fmt.Sprint(make([]int, 100))
				if i%10 == 0 {
					runtime.GC()
				}
			}
		}
	})
	most := before
	for range 100 {
		time.Sleep(3 * time.Millisecond) // what is counted is what happens meanwhile
		most = max(most, threadsOf(t))
	}
	for _, r := range readers {
		go func() { // ends with its writer
			buf := make([]byte, 64<<10)
			for {
				n, err := k.Read(r, buf)
				if err == unix.EAGAIN {
					time.Sleep(time.Millisecond)
					continue
				}
				if n <= 0 {
					return
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { // ends with the writers
		writers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(testkit.Patience):
		t.Fatal("somebody waits for a reader that reads")
	}
	close(stop)
	rest.Wait()
	if most > before {
		t.Errorf("%d threads, then %d", before, most)
	}
	if before > threads+5 {
		t.Errorf("%d threads are kept, want about %d", before, threads+3)
	}
}
