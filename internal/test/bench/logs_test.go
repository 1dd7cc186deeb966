package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkLogs: the supervisor's processor time per GiB of program output that
// it carries, to the container's stdout and to a file with rotation.
func BenchmarkLogs(b *testing.B) {
	const total = 256 << 20 / 100 * 100 // bytes
	for _, output := range []string{"stdout", "file"} {
		for _, lines := range []int{1, 655} { // per write of the program
			b.Run(fmt.Sprintf("%s %d lines a write", output, lines), func(b *testing.B) {
				probe := probe(b)
				subjects := present(b, slipway, supervisord, s6)
				t := newTable(fmt.Sprintf("log to %s, %d bytes a write", output, lines*100), "CPU s/GiB", bound{"supervisord", 1})
				for b.Loop() {
					inTurn(subjects, func(s subject) {
						t.add(s.name, carry(b, probe, s, output, total, lines))
					})
				}
				t.report(b)
			})
		}
	}
}

// carry returns the processor seconds per GiB of one run.
func carry(b *testing.B, probe string, s subject, output string, total, lines int) float64 {
	b.Helper()
	dir := scratch(b)
	c := s.prepare(b, dir, work{
		programs: [][]string{{probe, "spew", filepath.Join(dir, "starts"), strconv.Itoa(total), strconv.Itoa(lines)}},
		output:   output,
	})
	c.name, c.dir = s.name, dir
	read, write, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer read.Close()
	c.stdout = write
	r := start(b, probe, c)
	write.Close()
	// Ends when the subject, and with it the last writer, has ended.
	drained := make(chan int64)
	go func() { drained <- drain(read) }()
	r.waitSize(b, filepath.Join(dir, "starts"), 2)
	spent := cpu(r.own(probe))
	r.end()
	if n := <-drained; output == "stdout" && n < int64(total)*99/100 {
		b.Errorf("%s: %d bytes of %d arrived", s.name, n, total)
	}
	return spent.Seconds() / (float64(total) / (1 << 30))
}

// drain reads to the end, in pieces as large as a pipe, and returns how much
// there was.
func drain(f *os.File) int64 {
	buf := make([]byte, 64<<10)
	for total := int64(0); ; {
		n, err := f.Read(buf)
		total += int64(n)
		if err != nil {
			return total
		}
	}
}
