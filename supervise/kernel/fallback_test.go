package kernel_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/kernel"
)

// refusing is the argument zero by which this executable looks after children where
// waitid(2) is refused, with the error number that follows.
const refusing = "refusing"

// Where an old seccomp profile refuses waitid, children are reaped all the same: none is
// lost, each has its own status, and that is said.
func TestWaitidIsRefused(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSYS, syscall.EPERM} {
		t.Run(unix.ErrnoName(errno), func(t *testing.T) {
			cmd := exec.Command("/proc/self/exe")
			cmd.Args = []string{refusing, fmt.Sprint(int(errno))}
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() == cannotRefuse {
				t.Skipf("no seccomp filter can be installed here: %s", out)
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// cannotRefuse is the exit status of a process that could not install a filter.
const cannotRefuse = 77

// refuse is the process of that test. It returns its exit status.
func refuse(errno string) int {
	runtime.LockOSThread()
	n := 0
	fmt.Sscan(errno, &n)
	k, err := kernel.Open()
	if err == nil {
		err = testkit.Refuse(syscall.Errno(n), testkit.Call{Number: unix.SYS_WAITID})
	}
	if err != nil {
		fmt.Println(err)
		return cannotRefuse
	}
	want := map[int]kernel.Exit{}
	for i := range 50 {
		script, exit := fmt.Sprintf("exit %d", i), kernel.Exit{Code: i}
		if i%2 == 1 {
			script, exit = "raise KILL", kernel.Exit{Signal: int(syscall.SIGKILL)}
		}
		pid, err := k.Spawn(&kernel.Command{Path: "/proc/self/exe", Argv: []string{playing, script}, Env: os.Environ(), Umask: -1})
		if err != nil {
			fmt.Println("cannot spawn:", err)
			return 1
		}
		want[pid] = exit
	}
	for len(want) > 0 {
		pid, err := k.Peek()
		if err != nil {
			fmt.Printf("%d statuses are lost: %v\n", len(want), err)
			return 1
		}
		if pid == 0 {
			k.Wait(nil, 20e6)
			continue
		}
		if again, _ := k.Peek(); again != pid {
			fmt.Printf("peeks at %d, then at %d\n", pid, again)
			return 1
		}
		exit, err := k.Reap(pid)
		if err != nil || exit != want[pid] {
			fmt.Printf("process %d: %+v, %v, want %+v\n", pid, exit, err, want[pid])
			return 1
		}
		delete(want, pid)
	}
	if _, err := k.Peek(); err != syscall.ECHILD {
		fmt.Println("without children:", err)
		return 1
	}
	for _, what := range k.Lacks() {
		if what == "waitid(2) is refused (by a seccomp profile?); deaths are told by wait4(2)" {
			return 0
		}
	}
	fmt.Println("it is not said that waitid is refused:", k.Lacks())
	return 1
}

// What stands for /dev/null where there is none reads as empty and keeps nothing.
func TestNullWithoutDev(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can take /dev away")
	}
	runtime.LockOSThread() // its mount namespace ends with the test: it is not unlocked
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		t.Skip("no mount namespace can be made here:", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", "/dev", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	k := new(kernel.Linux)
	for _, open := range []func() (int, error){k.Null, func() (int, error) { return k.OpenFile(kernel.DevNull, unix.O_WRONLY|unix.O_CREAT, 0o644) }} {
		fd, err := open()
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 8)
		if n, err := unix.Read(fd, buf); n != 0 || err != nil {
			t.Errorf("read %d bytes, %v", n, err)
		}
		if n, err := unix.Write(fd, buf); n > 0 || err == nil {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
		unix.Close(fd)
	}
	if _, err := os.Lstat(kernel.DevNull); err == nil {
		t.Error("a file /dev/null was made")
	}
	lacks := false
	for _, what := range k.Lacks() {
		lacks = lacks || what == "there is no /dev/null; an empty file takes its place, which refuses what is written to it"
	}
	if !lacks {
		t.Errorf("it is not said that there is no /dev/null: %v", k.Lacks())
	}
}
