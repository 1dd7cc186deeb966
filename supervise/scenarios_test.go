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
		"sleep":           {config: one(sleep)},
		"sleep, daemon":   {mode: Daemon, config: one(sleep)},
		"exit 7, on_exit": {config: one(program("job", "exit 7", onExitShutdown, startSecs(0)))},
		"killed, on_exit": {config: one(program("job", "kill -9 $$", onExitShutdown, startSecs(0)))},
		"exit 3, no more": {config: many(program("job", "exit 3", never, startSecs(0)), program("fine", "true", never, startSecs(0)))},
		"exit 0, no more": {config: one(program("job", "exit 0", never, startSecs(0)))},
		"no program":      {config: many()},
		"not found":       {config: one(program("ghost", "", func(p *config.Process) { p.Argv, p.StartRetries = []string{"/no/such"}, 0 }))},
		"not executable":  {config: one(program("ghost", "", func(p *config.Process) { p.Argv, p.StartRetries = []string{"/etc/passwd"}, 0 }))},
		"fails at once":   {config: one(program("bad", "echo it is broken; exit 9", startSecs(time.Second), func(p *config.Process) { p.StartRetries = 0 }))},
		"main":            {config: many(), main: []string{"/bin/sh", "-c", "echo hello; exit 5"}},
		"F2":              {budget: 2 * time.Second, config: one(program("deaf", "trap '' TERM; echo up; while :; do sleep 0.1; done", stopWait(time.Hour)))},
		"F3":              {config: one(program("half", "sh -c 'trap \"\" TERM; echo $$ up; while :; do sleep 0.1; done' & trap 'exit 0' TERM; wait", stopWait(time.Second)))},
		"F4":              {config: one(program("crash", "setsid sleep 1234 & echo start; sleep 0.5; exit 1", startSecs(0)))},
		"F4, daemon":      {mode: Daemon, config: one(program("crash", "setsid sleep 1234 & echo start; sleep 0.5; exit 1", startSecs(0)))},
		"F5":              {config: one(program("launcher", "setsid sh -c 'trap \"echo bye; exit 0\" TERM; echo daemon up; while :; do sleep 0.05; done' & sleep 0.3; exit 0"))},
		"F8":              {config: one(program("shy", "echo up; exec >&- 2>&-; sleep 1000"))},
		"F9":              {mode: Daemon, config: one(program("leaver", "(for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo late $PPID; done) & echo start; sleep 0.4; exit 1"))},
		"F14":             {mode: Daemon, config: one(program("frozen", "echo up; kill -STOP $$; while :; do sleep 0.1; done"))},
		"flood":           {config: many(program("flood", "while :; do echo 0123456789012345678901234567890123456789; done", stdio), program("other", "sleep 0.5; echo beat >>$DIR/beat; exit 1", startSecs(0)))},
		"GiB":             {config: many(program("flood", "dd if=/dev/zero bs=64k count=16384 2>/dev/null; echo >$DIR/done; exec sleep 1000", toFile("out.log")), program("other", "sleep 0.5; echo beat >>$DIR/beat; exit 1", startSecs(0)))},
		"chatter":         {config: many(program("chatter", "while :; do echo line; sleep 0.02; done", stdio), program("other", "sleep 0.5; echo beat >>$DIR/beat; exit 1", startSecs(0)))},
		"orphans":         {mode: Daemon, config: one(program("breeder", "for i in $(seq $THOUSANDS); do (for j in $(seq 1000); do : & done); done; echo bred; exec sleep 1000"))},
		"environment": {config: one(program("env", "env >$DIR/env; exec sleep 1000", func(p *config.Process) {
			p.Environment = []dialect.Var{{Name: "A", Value: "1 2"}, {Name: "PATH", Value: "/bin:/usr/bin"}}
		}))},
		"umask, directory": {config: one(program("where", "umask >$DIR/u; pwd >>$DIR/u; exec sleep 1000", func(p *config.Process) { p.Umask, p.Directory = 0o27, "/usr" }))},
		"nobody": {config: one(program("who", "id >$DIR/id; exec sleep 1000", func(p *config.Process) {
			p.User = &config.User{Name: "nobody", UID: 65534, GID: 65534, Groups: []int{65534}}
		}))},
	}
	all["listener"] = scenario{config: many(eventListener("listener", `while :; do echo READY; read header; echo "$header" >>$DIR/events
len=${header##*len:}; head -c $len >>$DIR/events; echo >>$DIR/events
if [ -e $DIR/once ]; then printf 'RESULT 2\nOK'; else touch $DIR/once; printf 'RESULT 4\nFAIL'; fi; done`), sleep)}
	for _, n := range []int{10, 100, 1000} {
		all["start "+strconv.Itoa(n)] = scenario{mode: Daemon, config: sleepers(n)}
	}
	count, _ := strconv.Atoi(os.Getenv("COUNT"))
	all["many at once"] = scenario{config: manyFailures(count)}
	all["full log"] = scenario{config: fullLog}
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

func stdio(p *config.Process) {
	p.Stdout = config.Output{Logfile: "/dev/stdout", Maxbytes: 1 << 20}
	p.Stderr = config.Output{Logfile: "/dev/stderr", Maxbytes: 1 << 20}
}

func sleepers(n int) func() *config.Config {
	return func() *config.Config {
		var list []config.Group
		for i := range n {
			g := program("p"+strconv.Itoa(i), "")
			g.Processes[0].Argv = []string{"/bin/sleep", "1000"}
			list = append(list, g)
		}
		return groups(list...)
	}
}

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
