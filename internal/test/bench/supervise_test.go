package bench

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// BenchmarkStartup: from execve of the entrypoint to the first instruction of the
// program. slipway has one template to render before; the others have none.
func BenchmarkStartup(b *testing.B) {
	probe := probe(b)
	subjects := present(b, slipway, crowded, supervisord, s6, runit)
	t := newTable("start-up: execve to the program's first instruction", "ms", bound{"supervisord", 0.01}, bound{"s6", 3})
	for b.Loop() {
		for range 3 { // a start is short: three per round
			inTurn(subjects, func(s subject) {
				r := launch(b, probe, s, func(dir string) work {
					w := stays(probe, dir, 1)
					w.templates = 1
					return w
				})
				t.add(s.name, ms(r.waitStarts(b, 1)))
				r.end()
			})
		}
	}
	t.report(b)
}

// BenchmarkIdle: memory and wake-ups of the supervisors while their programs do
// nothing. All stand still at the same time, so one window serves all.
func BenchmarkIdle(b *testing.B) {
	const settle, window = 3 * time.Second, 5 * time.Second
	for _, tt := range []struct {
		programs int
		memory   bound
	}{
		{1, bound{"s6", 1.2}},
		{10, bound{"s6", 1.0 / 3}},
	} {
		b.Run(fmt.Sprintf("%d programs", tt.programs), func(b *testing.B) {
			probe := probe(b)
			subjects := present(b, slipway, supervisord, s6, runit)
			memory := newTable(fmt.Sprintf("resident memory, %d idle programs", tt.programs), "KiB", tt.memory)
			wakes := newTable(fmt.Sprintf("wake-ups, %d idle programs", tt.programs), "1/s", bound{"", 0})
			for b.Loop() {
				var up []*running
				inTurn(subjects, func(s subject) {
					r := launch(b, probe, s, func(dir string) work { return stays(probe, dir, tt.programs) })
					r.waitStarts(b, tt.programs)
					up = append(up, r)
				})
				<-time.After(settle)
				before := map[*running]float64{}
				for _, r := range up {
					before[r] = switches(r.own(probe))
				}
				<-time.After(window)
				for _, r := range up {
					own := r.own(probe)
					wakes.add(r.name, (switches(own)-before[r])/window.Seconds())
					memory.add(r.name, resident(own))
					r.end()
				}
			}
			memory.report(b)
			wakes.report(b)
		})
	}
}

// BenchmarkMany: from execve to the first instruction of the last of many
// programs.
func BenchmarkMany(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("%d programs", n), func(b *testing.B) {
			probe := probe(b)
			t := newTable(fmt.Sprintf("%d programs up", n), "ms", bound{"s6", 0.5}, bound{unheld.name, 1.3})
			subjects := present(b, slipway, unheld, s6, runit)
			if n < 1000 { // it opens more descriptors per program than it may have
				subjects = present(b, slipway, unheld, s6, runit, supervisord)
			}
			for b.Loop() {
				inTurn(subjects, func(s subject) {
					r := launch(b, probe, s, func(dir string) work { return stays(probe, dir, n) })
					t.add(s.name, ms(r.waitStarts(b, n)))
					r.end()
				})
			}
			t.report(b)
		})
	}
}

// BenchmarkHolder: how much later the first instruction of a program comes because it has a
// holder, and what that adds for each of many programs. The pairs of a round follow one another,
// and their difference is what counts.
func BenchmarkHolder(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("%d programs", n), func(b *testing.B) {
			probe := probe(b)
			t := newTable(fmt.Sprintf("holder: what it adds to the start of each of %d programs", n), "ms", bound{"", 0.3})
			for b.Loop() {
				for range max(1, 10/n) {
					took := map[string]time.Duration{}
					inTurn([]subject{slipway, unheld}, func(s subject) {
						r := launch(b, probe, s, func(dir string) work { return stays(probe, dir, n) })
						took[s.name] = r.waitStarts(b, n)
						r.end()
					})
					t.add(slipway.name, ms(took[slipway.name]-took[unheld.name])/float64(n))
				}
			}
			t.report(b)
		})
	}
}

// BenchmarkRestart: from the kill of a program that has been up for 2 s to the
// first instruction of its successor.
func BenchmarkRestart(b *testing.B) {
	probe := probe(b)
	subjects := present(b, slipway, supervisord, s6, runit)
	t := newTable("restart: kill to the successor's first instruction", "ms", bound{"supervisord", 1}, bound{"s6", 1})
	for b.Loop() {
		var up []*running
		inTurn(subjects, func(s subject) {
			r := launch(b, probe, s, func(dir string) work { return stays(probe, dir, 1) })
			r.waitStarts(b, 1)
			up = append(up, r)
		})
		for i := 1; i <= 3; i++ {
			<-time.After(2 * time.Second)
			for _, r := range up {
				starts := filepath.Join(r.dir, "starts")
				all := records(b, starts)
				killed := r.kill(b, probe, all[len(all)-1].what, syscall.SIGKILL)
				r.waitSize(b, starts, i+1)
				t.add(r.name, ms(records(b, starts)[i].at-killed))
			}
		}
		for _, r := range up {
			r.end()
		}
	}
	t.report(b)
}
