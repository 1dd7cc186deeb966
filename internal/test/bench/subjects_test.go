package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// subject is a supervisor: how it is told to keep programs up.
type subject struct {
	name string
	need []testkit.Thing
	// prepare writes what the subject wants to find into dir, and returns how
	// it is called.
	prepare func(b *testing.B, dir string, w work) command
}

// work is what a subject is given to do.
type work struct {
	programs  [][]string // command lines
	templates int        // rendered before the first program starts; slipway only
	output    string     // of programs: "" is dropped, "stdout", "file"
	options   string     // further lines of each program; slipway only
}

// command is a subject's command line.
type command struct {
	name   string
	dir    string
	argv   []string
	env    []string
	stdout *os.File // nil: DIR/log
}

// stay is the command line of a program that runs until it is told to stop.
func stay(probe, dir string) []string {
	return []string{probe, "stay", filepath.Join(dir, "starts")}
}

// stays are n programs.
func stays(probe, dir string, n int) work {
	var w work
	for range n {
		w.programs = append(w.programs, stay(probe, dir))
	}
	return w
}

var slipway = subject{
	name: "slipway",
	prepare: func(b *testing.B, dir string, w work) command {
		ini := ini(dir, w)
		for i := range w.templates {
			source := filepath.Join(dir, fmt.Sprintf("t%d.tmpl", i))
			write(b, source, "name = {{ .Env.NAME }}\nport = {{ .Env.PORT }}\n", 0o644)
			ini += fmt.Sprintf("[template:%s]\nsource=%s\n", filepath.Join(dir, "out", fmt.Sprintf("t%d.conf", i)), source)
		}
		if err := os.MkdirAll(filepath.Join(dir, "out"), 0o755); err != nil {
			b.Fatal(err)
		}
		write(b, filepath.Join(dir, "slipway.conf"), ini, 0o644)
		return command{
			argv: []string{testkit.Binaries(b).Slipway, "run", "-c", filepath.Join(dir, "slipway.conf")},
			env:  []string{"NAME=bench", "PORT=8080"},
		}
	},
}

// unheld is slipway without holders between it and its programs.
var unheld = subject{
	name: "slipway-without-holders",
	prepare: func(b *testing.B, dir string, w work) command {
		w.options += "holder=no\n"
		return slipway.prepare(b, dir, w)
	},
}

// crowded is slipway with the variables of a large application, 500, and of 200 peers,
// 1,400: what reading, merging and telling them apart adds to a start.
var crowded = subject{
	name: "slipway+1900-variables",
	prepare: func(b *testing.B, dir string, w work) command {
		c := slipway.prepare(b, dir, w)
		for i := range 500 {
			c.env = append(c.env, fmt.Sprintf("SETTING_%d=value %d", i, i))
		}
		for i := range 200 {
			name, addr := fmt.Sprintf("PEER%d", i), fmt.Sprintf("10.0.%d.%d", i/200, i%200+1)
			c.env = append(c.env, name+"_NAME=/bench/peer", name+"_PORT=tcp://"+addr+":80", name+"_PORT_80_TCP=tcp://"+addr+":80",
				name+"_PORT_80_TCP_ADDR="+addr, name+"_PORT_80_TCP_PORT=80", name+"_PORT_80_TCP_PROTO=tcp", name+"_ENV_LEVEL=info")
		}
		return c
	},
}

var supervisord = subject{
	name: "supervisord",
	need: []testkit.Thing{testkit.Supervisor},
	prepare: func(b *testing.B, dir string, w work) command {
		write(b, filepath.Join(dir, "supervisord.conf"), ini(dir, w), 0o644)
		return command{argv: []string{"/usr/bin/supervisord", "-c", filepath.Join(dir, "supervisord.conf")}}
	},
}

// ini is the file that both read.
func ini(dir string, w work) string {
	var s strings.Builder
	fmt.Fprintf(&s, "[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\nloglevel=error\npidfile=%s/pid\n"+
		"[unix_http_server]\nfile=%s/socket\n"+
		"[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n", dir, dir)
	for i, argv := range w.programs {
		fmt.Fprintf(&s, "[program:p%04d]\ncommand=%s\nautorestart=true\nstartsecs=0\nredirect_stderr=true\n", i, strings.Join(argv, " "))
		switch w.output {
		case "stdout":
			s.WriteString("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n")
		case "file":
			fmt.Fprintf(&s, "stdout_logfile=%s/p%04d.log\nstdout_logfile_maxbytes=50MB\nstdout_logfile_backups=3\n", dir, i)
		default:
			s.WriteString("stdout_logfile=NONE\n")
		}
		s.WriteString(w.options)
	}
	return s.String()
}

// cat only copies what the program prints.
var cat = subject{
	name: "cat",
	prepare: func(_ *testing.B, _ string, w work) command {
		return command{argv: []string{"/bin/sh", "-c", strings.Join(w.programs[0], " ") + " | cat"}}
	},
}

var s6 = subject{
	name: "s6",
	need: []testkit.Thing{"s6-svscan", "s6-log"},
	prepare: func(b *testing.B, dir string, w work) command {
		for i, argv := range w.programs {
			service := filepath.Join(dir, "scan", fmt.Sprintf("p%04d", i))
			runScript(b, service, "exec "+strings.Join(argv, " "))
			switch w.output {
			case "stdout":
				runScript(b, filepath.Join(service, "log"), "exec s6-log 1")
			case "file":
				runScript(b, filepath.Join(service, "log"), fmt.Sprintf("exec s6-log n3 s50000000 %s/p%04d", dir, i))
			}
		}
		return command{argv: []string{"s6-svscan", "-c", "2200", filepath.Join(dir, "scan")}}
	},
}

var runit = subject{
	name: "runit",
	need: []testkit.Thing{"runsvdir", "runsv"},
	prepare: func(b *testing.B, dir string, w work) command {
		for i, argv := range w.programs {
			runScript(b, filepath.Join(dir, "scan", fmt.Sprintf("p%04d", i)), "exec "+strings.Join(argv, " "))
		}
		// runsvdir waits until a folder is older than the running second.
		old := time.Now().Add(-time.Minute)
		if err := os.Chtimes(filepath.Join(dir, "scan"), old, old); err != nil {
			b.Fatal(err)
		}
		return command{argv: []string{"runsvdir", "-P", filepath.Join(dir, "scan")}}
	},
}

// runScript makes the service folder that s6 and runit share.
func runScript(b *testing.B, dir, line string) {
	b.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	write(b, filepath.Join(dir, "run"), "#!/bin/sh\n"+line+"\n", 0o755)
}

func write(b *testing.B, path, text string, mode os.FileMode) {
	b.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		b.Fatal(err)
	}
}

// present are those subjects whose needs are met. Without one of them the tables
// have a column less, unless everything is required.
func present(b *testing.B, all ...subject) []subject {
	b.Helper()
	var got []subject
next:
	for _, s := range all {
		for _, what := range s.need {
			if !testkit.Has(b, what) {
				b.Logf("without %s: no %s", s.name, what)
				continue next
			}
		}
		got = append(got, s)
	}
	return got
}

// launch prepares and starts a subject in a folder of its own.
func launch(b *testing.B, probe string, s subject, work func(dir string) work) *running {
	b.Helper()
	dir := scratch(b)
	c := s.prepare(b, dir, work(dir))
	c.name, c.dir = s.name, dir
	return start(b, probe, c)
}
