package supervise

import (
	"fmt"
	"math/rand"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/order"
)

// randomOrder is a configuration of 50 programs of every kind that wait for others.
func (x *simulation) randomOrder(r *rand.Rand) *config.Config {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	var list []config.Process
	for i := range 50 {
		p := x.plays(fmt.Sprintf("p%02d", i), pick("pause", "pause", "sleep 5s; pause", "sleep 3s; exit 0", "exit 0", "sleep 2s; exit 1", "exit 1", "sleep 30s; exit 0"), ignoreFatal)
		p.Priority, p.StartRetries, p.Autostart = r.Intn(3), r.Intn(3), r.Intn(12) > 0
		p.Autorestart = machine.Restart(r.Intn(3))
		if r.Intn(2) == 0 {
			p.Conduct = config.ConductOneshot
			if r.Intn(3) == 0 {
				p.Timeout = 20 * time.Second
			}
		}
		if r.Intn(10) == 0 {
			p.MaxRestarts = "3 in 1m"
		}
		if r.Intn(10) == 0 {
			scheduled("@every 1m", config.Overlap(r.Intn(3)))(&p)
		}
		if r.Intn(5) == 0 {
			hooked(pick("pre_start", "post_start", "pre_stop", "post_stop"), pick("exit 0", "sleep 2s", "exit 1", "pause"))(&p)
		}
		for range r.Intn(3) {
			if i == 0 {
				break
			}
			need := order.Need{Name: fmt.Sprintf("p%02d", r.Intn(i)), Until: [...]order.Until{order.Ready, order.Started, order.Completed, order.Exited}[r.Intn(4)]}
			p.DependsOn = append(p.DependsOn, need.String())
		}
		list = append(list, p)
	}
	cfg := x.config(9*time.Second, append(list, x.plays("other", "pause"))...)
	cfg.Slipway.StartLimit = r.Intn(3) * 5
	return cfg
}

// Whatever waits for whatever: what may be started is started, what may not says why, and a
// program is never started before that for which it waits is the case.
func TestRandomOrder(t *testing.T) {
	seed := testkit.Seed(t)
	for n := range min(testkit.Rounds(t, 20, 2000), 50_000) { // 9 ms of CPU each
		t.Run(fmt.Sprint("seed ", seed+uint64(n)), func(t *testing.T) {
			r := rand.New(rand.NewSource(int64(seed) + int64(n)))
			long := 3*time.Minute + 700*time.Millisecond // not in the instant in which everything happens
			if (seed+uint64(n))%20 == 0 {
				long += 17 * time.Minute
			}
			simulatedWith(t, Run, func(*simulation) {}, func(x *simulation) *config.Config { return x.randomOrder(r) }, func(x *simulation) {
				x.sleep(long)
				coming := 0
				x.s.table.Each(func(p *life.Process) {
					if (p.Life.State == machine.Starting || p.Life.State == machine.Running) && (p.Spec.Oneshot || !p.IsReady()) {
						coming++
					}
				})
				limit := x.s.cfg.Slipway.StartLimit
				x.s.table.Each(func(p *life.Process) {
					ended := p.Life.State == machine.Exited && !p.Life.Wanted && p.Spec.Oneshot
					var info control.ProcessInfo
					if p.Held || ended || p.Life.State == machine.Fatal {
						info = x.info(p.FullName())
					}
					need := p.Place.WaitsFor()
					switch {
					case p.Held && info.Waiting == "":
						t.Errorf("%s waits, and does not say for what", p.Name())
					case p.Held && need.IsZero() && (limit == 0 || coming < limit):
						t.Errorf("%s waits for nobody", p.Name())
					case p.Held && p.Vain == "" && !p.Place.InVain().IsZero():
						t.Errorf("%s waits in vain for %v, and does not say so", p.Name(), p.Place.InVain())
					case !p.Held && p.Life.Gen == 0 && p.Config.Autostart:
						t.Errorf("%s was never started, and does not wait", p.Name())
					case ended && info.Task == "":
						t.Errorf("%s has ended, and does not say how", p.Name())
					case p.Life.State == machine.Fatal && info.SpawnError == "":
						t.Errorf("%s is FATAL, and does not say why", p.Name())
					}
					for _, need := range p.Place.Needs {
						other := x.s.table.Find(need.Name, need.Name)
						if p.Life.Gen > 0 && other.Life.Gen == 0 {
							t.Errorf("%s was started before %v", p.Name(), need)
						}
					}
				})
				if t.Failed() {
					t.Logf("seed %d", seed+uint64(n))
				}
				begun := x.count("spawned: ")
				x.signal(syscall.SIGTERM)
				x.ends(10*time.Second, 0)
				if more := x.count("spawned: ") - begun; more > 0 {
					t.Errorf("%d programs were started in the stop", more)
				}
			})
		})
	}
}
