//go:build linux && (amd64 || arm64)

package early

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A thread that is told to hold signals back and ends before it does, as those of room may,
// is not waited for; one that goes on and does not is.
func TestThreadThatEndsIsNotWaitedFor(t *testing.T) {
	runtime.LockOSThread() // never unlocked: its mask goes with it
	over := time.Now().Add(-time.Second)
	gone, stays := ended(t), syscall.Gettid()
	for _, row := range []struct {
		name string
		set  uint64
		want bool
	}{
		{"nothing is blocked", 0, false},
		{"some of it is", asked &^ 1, false},
		{"all of it is", asked, true},
		{"all of it is, and more", asked | 1<<(syscall.SIGUSR1-1), true},
		{"every signal is, for a moment", every, false},
	} {
		setMask(row.set)
		answer := make(chan bool)
		go func() { // ends with its answer
			_, ok := await(map[int]bool{gone: true, stays: true}, held+1, over)
			answer <- ok
		}()
		if got := <-answer; got != row.want {
			t.Errorf("%s: all have been told = %v, want %v", row.name, got, row.want)
		}
	}
	setMask(0)
	if want, ok := await(map[int]bool{gone: true}, held+1, over); !ok || want != held {
		t.Errorf("of one that has ended: %d, %v, want %d, true", want, ok, held)
	}
}

// ended returns the number of a thread that there is no more.
func ended(t *testing.T) int {
	t.Helper()
	tid := make(chan int)
	id := os.Getpid()
	for id == os.Getpid() { // the first thread of a process stays: Go only puts it to rest
		go func() { // ends at once, and its thread with it
			runtime.LockOSThread()
			tid <- syscall.Gettid()
		}()
		id = <-tid
	}
	for unix.Access("/proc/self/task/"+strconv.Itoa(id), 0) == nil {
		runtime.Gosched()
	}
	return id
}
