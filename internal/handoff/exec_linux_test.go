package handoff_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/handoff"
	"slipway/supervise/boot"
)

// The test executable is its own launch stage and its own next stage: the
// variable says which one a process is to be.
const stageVar = "HANDOFF_TEST_STAGE"

func TestMain(m *testing.M) {
	switch os.Getenv(stageVar) {
	case "launch":
		launch()
	case "next":
		next()
	case "ready":
		ready()
	default:
		os.Exit(m.Run())
	}
}

// launch leaves a descriptor open as a careless parent would, and execs.
func launch() {
	snapshot, err := handoff.Memory([]byte("the snapshot"))
	if err == nil {
		leak, _ := syscall.Open("/dev/null", syscall.O_RDONLY, 0) // no CLOEXEC
		err = handoff.Exec{
			Path: "/proc/self/exe", Argv: []string{"next", "run"}, Boot: snapshot,
			Env: []string{stageVar + "=next", "PIDBEFORE=" + strconv.Itoa(os.Getpid()), "LEAK=" + strconv.Itoa(leak), boot.EnvBootFD + "=99"},
		}.Run()
	}
	fmt.Println(err)
	os.Exit(1)
}

type report struct {
	Argv     []string
	SamePID  bool
	FDs      []int // ≥ 3, the boot descriptor and Go's own left out
	Boot     string
	WriteErr bool // the snapshot cannot be changed
}

func next() {
	fd, _ := strconv.Atoi(os.Getenv(boot.EnvBootFD))
	snapshot := os.NewFile(uintptr(fd), "boot")
	text, _ := io.ReadAll(snapshot)
	_, werr := snapshot.WriteAt([]byte("x"), 0)
	r := report{Argv: os.Args, SamePID: os.Getenv("PIDBEFORE") == strconv.Itoa(os.Getpid()), Boot: string(text), WriteErr: errors.Is(werr, syscall.EPERM)}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		n, _ := strconv.Atoi(e.Name())
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && n >= 3 && n != fd && !strings.HasPrefix(target, "anon_inode:") && !strings.HasPrefix(target, "/proc/") && !strings.HasPrefix(target, "/sys/") {
			r.FDs = append(r.FDs, n)
		}
	}
	sort.Ints(r.FDs)
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

func ready() {
	fd, _ := strconv.Atoi(os.Getenv(boot.EnvReadyFD))
	if os.Getenv("FAIL") != "" {
		os.Exit(3)
	}
	_, _ = os.NewFile(uintptr(fd), "ready").Write([]byte{1})
	sid, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
	_ = os.WriteFile(os.Getenv("OUT"), []byte(fmt.Sprint(int(sid) == os.Getpid())), 0o600)
}

func TestExecCarriesTheSnapshotAndNothingElse(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = []string{stageVar + "=launch"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the stages failed: %v: %s", err, out)
	}
	var got report
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("cannot read %q: %v", out, err)
	}
	if !got.SamePID {
		t.Error("the process id changed")
	}
	if strings.Join(got.Argv, " ") != "next run" {
		t.Errorf("arguments = %q, want next run", got.Argv)
	}
	if got.Boot != "the snapshot" || !got.WriteErr {
		t.Errorf("snapshot = %q, sealed %v, want it as it was, sealed", got.Boot, got.WriteErr)
	}
	if len(got.FDs) != 0 {
		t.Errorf("descriptors %v crossed, want none but the snapshot", got.FDs)
	}
}

func TestExecFailureKeepsTheProcess(t *testing.T) {
	err := handoff.Exec{Path: "/nonexistent/init", Argv: []string{"init"}}.Run()
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), "/nonexistent/init") {
		t.Errorf("Run() = %v, want a not-found error that names the file", err)
	}
}

func TestDetach(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("returns when it is ready", func(t *testing.T) {
		out := t.TempDir() + "/out"
		if err := syscall.Mkfifo(out, 0o600); err != nil { // reading it waits for the detached process
			t.Fatal(err)
		}
		e := handoff.Exec{Path: self, Argv: []string{"init"}, Env: []string{stageVar + "=ready", "OUT=" + out}}
		if err := e.Detach(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(out); err != nil || string(got) != "true" {
			t.Errorf("leads its session = %q, %v, want true", got, err)
		}
	})
	t.Run("reports the status of one that fails", func(t *testing.T) {
		e := handoff.Exec{Path: self, Argv: []string{"init"}, Env: []string{stageVar + "=ready", "FAIL=1"}}
		var nr *handoff.NotReady
		if err := e.Detach(); !errors.As(err, &nr) || nr.Status != 3 {
			t.Errorf("Detach() = %v, want NotReady with status 3", err)
		}
	})
}
