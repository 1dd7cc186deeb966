package usage

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// stat writes processes as PID, its parent, its own ticks and those of children it waited for.
func stat(t *testing.T, processes map[string][3]int) string {
	t.Helper()
	dir := t.TempDir()
	for pid, p := range processes {
		text := fmt.Sprintf("%s (a ) (b) S %d 0 0 0 0 0 0 0 0 0 %d 1 %d 0 20 0 3 0 0 0 5 0\n", pid, p[0], p[1], p[2])
		if err := os.Mkdir(filepath.Join(dir, pid), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pid, "stat"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestProgram(t *testing.T) {
	table := Read(stat(t, map[string][3]int{
		"1":  {0, 100, 0},
		"10": {1, 5, 40}, // a holder, which has waited for a child
		"11": {10, 200, 30},
		"12": {11, 50, 0},
		"13": {10, 7, 0},  // the holder's by adoption
		"20": {1, 300, 0}, // without a holder
		"21": {20, 1, 0},
		"30": {99, 1, 0}, // of something that is not there
	}))
	page := int64(os.Getpagesize())
	for _, row := range []struct {
		name      string
		main      int64
		cpu       float64
		processes int
	}{
		{"with a holder", 11, 0.40 + 2.31 + 0.51 + 0.08, 3},
		{"without a holder", 20, 3.01 + 0.02, 2},
		{"of an unknown parent", 30, 0.02, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			u, ok := table.Program(row.main, 1)
			if !ok || fmt.Sprintf("%.2f", u.CPU()) != fmt.Sprintf("%.2f", row.cpu) || u.Processes != row.processes {
				t.Errorf("Program = %+v with %v s, %v, want %v s and %d processes", u, u.CPU(), ok, row.cpu, row.processes)
			}
			if u.Resident != int64(row.processes)*5*page || u.Threads != 3*row.processes {
				t.Errorf("Program = %+v, want %d pages and %d threads", u, 5*row.processes, 3*row.processes)
			}
		})
	}
	if u, ok := table.Process(1); !ok || u.CPU() != 1.01 || u.Processes != 1 {
		t.Errorf("Process(1) = %+v, %v", u, ok)
	}
	if _, ok := table.Program(77, 1); ok {
		t.Error("a process that has ended uses something")
	}
}

// Numbers that are given anew while they are read can make a circle.
func TestCircle(t *testing.T) {
	table := Read(stat(t, map[string][3]int{"5": {6, 1, 0}, "6": {5, 1, 0}}))
	if u, ok := table.Program(5, 1); !ok || u.Processes != 2 {
		t.Errorf("Program = %+v, %v, want both once", u, ok)
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{"", "1 (a", "1 (a) S 2 3", "1 (a) S x 0 0 0 0 0 0 0 0 0 1 1 0 0 20 0 3 0 0 0 5 0"} {
		if p, ok := parse([]byte(text), 1); ok {
			t.Errorf("parse(%q) = %+v, want nothing", text, p)
		}
	}
}

// The kernel's own: this process is one, and uses something.
func TestOwn(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	u, ok := Read("/proc").Process(int64(os.Getpid()))
	if !ok || u.Resident < 1<<20 || u.Threads < 1 {
		t.Errorf("Process = %+v, %v", u, ok)
	}
}
