package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
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
						t.add(s.name, carry(b, probe, s, work{output: output}, total, lines).cpu)
					})
				}
				t.report(b)
			})
		}
	}
}

// BenchmarkLogFormats: the same for each format of lines, as a multiple of what cat needs to
// copy them. It is so much that the start of either does not count.
func BenchmarkLogFormats(b *testing.B) {
	const total = 1 << 30 / 100 * 100 // bytes
	for _, format := range []struct {
		name string
		most float64
	}{{"raw", 1.5}, {"prefix", 2.2}, {"json", 4}} {
		b.Run(format.name, func(b *testing.B) {
			probe := probe(b)
			title := "log to stdout, log_format = " + format.name + ", 65500 bytes a write"
			cost := newTable(title, "CPU s/GiB", bound{"cat", format.most})
			rate := newTable(title, "MB/s")
			w := work{output: "stdout", options: "relay=yes\nlog_format=" + format.name + "\n"}
			for b.Loop() {
				inTurn(present(b, slipway, cat), func(s subject) {
					c := carry(b, probe, s, w, total, 655)
					cost.add(s.name, c.cpu)
					rate.add(s.name, c.rate)
					// The program writes whole pieces, the last of which goes beyond the total.
					if want := (total + 65499) / 65500 * 655; c.lines != want {
						b.Errorf("%s: %d lines have arrived, want %d", s.name, c.lines, want)
					}
				})
			}
			cost.report(b)
			rate.report(b)
		})
	}
}

// carried is one run: processor seconds per GiB, 10^6 bytes of the program per second, and how
// many lines have arrived.
type carried struct {
	cpu, rate float64
	lines     int
}

// carry is one run.
func carry(b *testing.B, probe string, s subject, w work, total, lines int) carried {
	b.Helper()
	dir := scratch(b)
	w.programs = [][]string{{probe, "spew", filepath.Join(dir, "starts"), strconv.Itoa(total), strconv.Itoa(lines)}}
	c := s.prepare(b, dir, w)
	c.name, c.dir = s.name, dir
	read, write, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer read.Close()
	c.stdout = write
	r := start(b, probe, c)
	write.Close()
	var got drained
	over := make(chan struct{})
	// Ends when the subject, and with it the last writer, has ended.
	go func() {
		defer close(over)
		got.drain(read)
	}()
	r.waitSize(b, filepath.Join(dir, "starts"), 2)
	spent := cpu(r.own(probe))
	marks := records(b, filepath.Join(dir, "starts"))
	for last := int64(-1); last != got.bytes.Load(); time.Sleep(200 * time.Millisecond) {
		last = got.bytes.Load() // some of it is on its way
	}
	r.end()
	<-over
	if n := got.bytes.Load(); w.output == "stdout" && n < int64(total)*99/100 {
		b.Errorf("%s: %d bytes of %d arrived", s.name, n, total)
	}
	return carried{
		cpu:   spent.Seconds() / (float64(total) / (1 << 30)),
		rate:  float64(total) / 1e6 / (marks[1].at - marks[0].at).Seconds(),
		lines: int(got.lines.Load()),
	}
}

// drained is what has arrived.
type drained struct{ bytes, lines atomic.Int64 }

// drain reads to the end, in pieces as large as a pipe.
func (d *drained) drain(f *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		d.lines.Add(int64(bytes.Count(buf[:n], []byte{'\n'})))
		d.bytes.Add(int64(n))
		if err != nil {
			return
		}
	}
}
