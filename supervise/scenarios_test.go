package supervise

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

func stopWait(d time.Duration) func(*config.Process) {
	return func(p *config.Process) { p.StopWait = d }
}

func startSecs(d time.Duration) func(*config.Process) {
	return func(p *config.Process) { p.StartSecs = d }
}

func onExitShutdown(p *config.Process) { p.OnExit = config.OnExitShutdown }

func always(p *config.Process) { p.Autorestart = machine.RestartAlways }

func never(p *config.Process) { p.Autorestart = machine.RestartNever }

func priority(n int) func(*config.Process) {
	return func(p *config.Process) { p.Priority = n }
}

func dependsOn(names ...string) func(*config.Process) {
	return func(p *config.Process) { p.DependsOn = names }
}

// scenarios are the configurations that tests run, by name.
func scenarios() map[string]scenario {
	sleep := program("sleep", "exec sleep 1000")
	one := func(g config.Group) func() *config.Config {
		return func() *config.Config { return groups(g) }
	}
	many := func(list ...config.Group) func() *config.Config {
		return func() *config.Config { return groups(list...) }
	}
	all := map[string]scenario{
		"sleep":         {config: one(sleep)},
		"sleep, daemon": {mode: Daemon, config: one(sleep)},
		"F5":            {config: one(program("launcher", "setsid sh -c 'trap \"echo bye; exit 0\" TERM; echo daemon up; while :; do sleep 0.05; done' & sleep 0.3; exit 0"))},
		"flood":         {config: many(program("flood", floodScript, toFile("out.log")), program("other", "sleep 0.1; echo beat >>$DIR/beat; exit 1", startSecs(0)))},
		"formats":       {config: formats},
		"orphans":       {mode: Daemon, config: one(program("breeder", "for i in $(seq $THOUSANDS); do (for j in $(seq 1000); do : & done); done; echo bred; exec sleep 1000"))},
		"given": {config: one(program("given", "env; umask; pwd; id; echo all; exec sleep 1000", func(p *config.Process) {
			p.Umask, p.Directory = 0o27, "/usr"
			p.Environment = []dialect.Var{{Name: "A", Value: "1 2"}, {Name: "PATH", Value: "/bin:/usr/bin"}}
			if os.Geteuid() == 0 {
				p.User = &config.User{Name: "nobody", UID: 65534, GID: 65534, Groups: []int{65534, 12}}
			}
		}))},
	}
	all["listener"] = scenario{config: many(eventListener("listener", `while :; do echo READY; read header; echo "$header" >>$DIR/events
len=${header##*len:}; head -c $len >>$DIR/events; echo >>$DIR/events
if [ -e $DIR/once ]; then printf 'RESULT 2\nOK'; else touch $DIR/once; printf 'RESULT 4\nFAIL'; fi; done`), sleep)}
	count, _ := strconv.Atoi(os.Getenv("COUNT"))
	all["many at once"] = scenario{config: manyFailures(count)}
	for name, config := range processScenarios() {
		all[name] = scenario{config: config}
	}
	return all
}

// toFile gives a program a log that is rotated at 10 MiB.
func toFile(name string) func(*config.Process) {
	return func(p *config.Process) {
		p.Stdout = config.Output{Logfile: filepath.Join(os.Getenv("DIR"), name), Maxbytes: 10 << 20, Backups: 1}
	}
}

// floodScript prints as many MiB as $MIB says, and goes on until the program "other" has
// been started three times.
const floodScript = `dd if=/dev/zero bs=64k count=$((16 * MIB)) 2>/dev/null
until test "$(grep -c beat $DIR/beat)" -ge 2; do dd if=/dev/zero bs=64k count=16; done 2>/dev/null
echo >$DIR/done; exec sleep 1000`

// manyFailures are n processes that all exit 7 at the same moment: when the last
// writer of the fifo that they read from goes away.
func manyFailures(n int) func() *config.Config {
	return func() *config.Config {
		g := config.Group{Name: "all", Priority: 999}
		for i := range n {
			p := program("p"+strconv.Itoa(i), "read x <$DIR/gate; exit 7", never, startSecs(0)).Processes[0]
			p.Group = "all"
			p.Stdout, p.Stderr = config.Output{}, config.Output{}
			g.Processes = append(g.Processes, p)
		}
		return groups(g)
	}
}

// eventListener is an event listener that wants the states of processes.
func eventListener(name, script string) config.Group {
	g := program(name, script, priority(-1))
	g.Kind, g.Events, g.BufferSize = config.KindListener, []string{"PROCESS_STATE"}, 100
	g.Processes[0].Stdout = config.Output{}
	return g
}
