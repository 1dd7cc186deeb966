// Package usage reads from /proc what processes and their descendants use. It reads files
// that any user may, and each once.
package usage

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// Usage is what one or several processes use.
type Usage struct {
	ticks     int64 // of processor time
	Resident  int64 // bytes
	Processes int
	Threads   int
}

// CPU is the processor time in seconds. A second has a hundred ticks in /proc, on every
// architecture.
func (u Usage) CPU() float64 { return float64(u.ticks) / 100 }

// process is a line of /proc/PID/stat.
type process struct {
	parent   int64
	own      int64 // ticks of itself
	waited   int64 // of children that have ended and were waited for
	resident int64
	threads  int
}

// Table is all processes at a moment.
type Table struct {
	of       map[int64]process
	children map[int64][]int64
}

// Read reads the processes below root, which is /proc. What cannot be read is not in the table.
func Read(root string) Table {
	t := Table{map[int64]process{}, map[int64][]int64{}}
	dir, err := os.Open(root)
	if err != nil {
		return t
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // those that were read before an error are good
	for _, name := range names {
		pid, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name, "stat"))
		if err != nil {
			continue // it has ended
		}
		if p, ok := parse(text, int64(os.Getpagesize())); ok {
			t.of[pid] = p
			t.children[p.parent] = append(t.children[p.parent], pid)
		}
	}
	return t
}

// parse reads a line of stat. The name of the command may have blanks and parentheses in it.
func parse(text []byte, page int64) (p process, ok bool) {
	i := bytes.LastIndexByte(text, ')')
	if i < 0 {
		return p, false
	}
	fields := bytes.Fields(text[i+1:]) // the third field of proc(5) is fields[0]
	if len(fields) < 22 {
		return p, false
	}
	number := func(field int) int64 {
		n, err := strconv.ParseInt(string(fields[field-3]), 10, 64)
		ok = ok && err == nil
		return n
	}
	ok = true
	p.parent = number(4)
	p.own = number(14) + number(15)
	p.waited = number(16) + number(17)
	p.threads = int(number(20))
	p.resident = max(number(24), 0) * page
	return p, ok
}

// Process is what one process uses itself.
func (t Table) Process(pid int64) (Usage, bool) {
	p, ok := t.of[pid]
	return Usage{p.own, p.resident, 1, p.threads}, ok
}

// Program is what the program whose main process is given uses. All that comes of it are
// descendants of its holder, which lies between it and the supervisor; without a holder they
// are those of the main process.
func (t Table) Program(main, supervisor int64) (Usage, bool) {
	p, ok := t.of[main]
	if !ok {
		return Usage{}, false
	}
	s := sum{of: t, seen: map[int64]bool{}}
	holder := t.of[p.parent]
	if p.parent == supervisor || holder.parent != supervisor {
		s.add(main)
		return s.Usage, true
	}
	s.ticks = holder.waited
	for _, child := range t.children[p.parent] {
		s.add(child)
	}
	return s.Usage, true
}

// sum counts processes, each once: numbers that are given anew while /proc is read could
// make a circle of them.
type sum struct {
	Usage
	of   Table
	seen map[int64]bool
}

// add counts a process and its descendants.
func (s *sum) add(pid int64) {
	if s.seen[pid] {
		return
	}
	s.seen[pid] = true
	p := s.of.of[pid]
	s.ticks += p.own + p.waited
	s.Resident += p.resident
	s.Processes++
	s.Threads += p.threads
	for _, child := range s.of.children[pid] {
		s.add(child)
	}
}
