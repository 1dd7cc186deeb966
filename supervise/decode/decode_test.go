package decode

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/dialect"
)

// decode reads a single file called f.
func decode(text string, change func(*Input)) (*config.Config, error) {
	in := input(text)
	in.Environ = []string{"HOME=/root", "DATABASE_URL=secret-value"}
	if change != nil {
		change(&in)
	}
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		return nil, err
	}
	return Decode(doc, in)
}

// What %(ENV_NAME)s puts into a value is not shown when it is a secret, in whichever way
// that is known, and however the key quotes it.
func TestProblemsShowNoSecret(t *testing.T) {
	secrets := map[string]string{"TOKEN": `hunter"2`, "DATABASE_URL": "secret-value", "PIN": "9!"}
	text := x + "startsecs=%(ENV_TOKEN)s\npriority=%(ENV_DATABASE_URL)s s\numask=%(ENV_PIN)s\nautorestart=%(ENV_PLAIN)s\n" +
		"[env:TOKEN]\nsecret=true\n[slipway]\nkeep=%(ENV_TOKEN)s\n"
	_, err := decode(text, func(in *Input) {
		in.Secrets = []string{"DATABASE_URL", "PIN"}
		in.Environ = append(in.Environ, "PLAIN=nonsense")
		for name, v := range secrets {
			in.Environ = append(in.Environ, name+"="+v)
		}
	})
	if err == nil || !strings.Contains(err.Error(), `got "nonsense"`) || strings.Count(err.Error(), `«redacted»`) != 4 {
		t.Fatalf("problems = %v, want four redacted values and one that is not", err)
	}
	for name, v := range secrets {
		if strings.Contains(err.Error(), v) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("problems show %s: %v", name, err)
		}
	}
}

const x = "[supervisord]\n[program:x]\ncommand=a\n"

func TestProblems(t *testing.T) {
	noDirs := func(in *Input) { in.System.IsDir = func(d string) bool { return d == "/dev" } }
	for _, tt := range []struct {
		name, text string
		want       string
		hint       string
		kind       dialect.Kind
		change     func(*Input)
	}{
		{name: "integer", text: x + "startsecs = 1.5", want: `cannot parse f:4:13: startsecs: expected a whole number, got "1.5"`, kind: dialect.KindBadNumber},
		{name: "boolean", text: x + "autostart=ture", want: `cannot parse f:4:11: autostart: expected true or false, got "ture"`, hint: `did you mean "true"?`, kind: dialect.KindBadBoolean},
		{name: "size", text: x + "stdout_logfile_maxbytes=10M", want: `cannot parse f:4:25: stdout_logfile_maxbytes: expected a number of bytes, or one with KB, MB or GB, got "10M"`,
			hint: `did you mean "10MB"?`, kind: dialect.KindBadNumber},
		{name: "octal", text: x + "umask=9", want: `cannot parse f:4:7: umask: expected an octal number such as 022, got "9"`, kind: dialect.KindBadOctal},
		{name: "exit codes", text: x + "exitcodes=0,256", want: `cannot parse f:4:11: exitcodes: expected exit codes from 0 to 255 separated by commas, got "0,256"`, kind: dialect.KindBadExitcodes},
		{name: "signal", text: x + "stopsignal=TEMR", want: `cannot parse f:4:12: stopsignal: expected a signal such as TERM or 15, got "TEMR"`, hint: `did you mean "TERM"?`, kind: dialect.KindBadSignal},
		{name: "autorestart", text: x + "autorestart=allways", want: `cannot parse f:4:13: autorestart: expected true, false or unexpected, got "allways"`,
			hint: `Supervisor's word for always is "true"`, kind: dialect.KindBadAutorestart},
		{name: "user", text: x + "user=app", want: `cannot parse f:4:6: user: expected the name or number of a user of this machine, got "app"`,
			hint: "add the user in the image, for instance: RUN useradd --system app", kind: dialect.KindUnknownUser},
		{name: "level", text: "[supervisord]\nloglevel=warning", want: `cannot parse f:2:10: loglevel: expected critical, error, warn, info, debug, trace or blather, got "warning"`,
			kind: dialect.KindBadLoglevel},
		{name: "folder", text: "[supervisord]\nchildlogdir=/x", want: `cannot parse f:2:13: childlogdir: expected an existing folder, got "/x"`,
			hint: "create it in the image: RUN mkdir -p /x", kind: dialect.KindMissingDir, change: noDirs},
		{name: "path", text: "[supervisord]\nlogfile=/x/y.log", want: `cannot parse f:2:9: logfile: expected a file in an existing folder, got "/x/y.log": there is no folder "/x"`,
			hint: "create it in the image: RUN mkdir -p /x", kind: dialect.KindMissingDir, change: noDirs},
		{name: "log file", text: x + "stdout_logfile=/x/y.log", want: `cannot parse f:4:16: stdout_logfile: expected a file in an existing folder, NONE, AUTO or syslog, got "/x/y.log": there is no folder "/x"`,
			hint: "create it in the image: RUN mkdir -p /x", kind: dialect.KindMissingDir, change: noDirs},
		{name: "word", text: x + "on_exit=stop", want: `cannot parse f:4:9: on_exit: expected none, restart or shutdown, got "stop"`, kind: dialect.KindOther},
		{name: "near word", text: x + "on_exit=shutdwon", want: `cannot parse f:4:9: on_exit: expected none, restart or shutdown, got "shutdwon"`, hint: `did you mean "shutdown"?`, kind: dialect.KindOther},
		{name: "duration", text: x + "health_interval=fast", want: `cannot parse f:4:17: health_interval: expected a duration such as 500ms, 30s or 2m, got "fast"`, kind: dialect.KindBadNumber},
		{name: "probe", text: x + "ready=8080", want: `cannot parse f:4:7: ready: expected tcp://host:port, unix:///path, http://…, exec:command, file:/path, fd:N or notify, got "8080"`, kind: dialect.KindOther},
		{name: "reload", text: x + "reload=HUP", want: `cannot parse f:4:8: reload: expected signal NAME, command …, restart or none, got "HUP"`, kind: dialect.KindOther},
		{name: "signal of reload", text: x + "reload=signal HUPP", want: `cannot parse f:4:8: reload: expected signal NAME, command …, restart or none, got "signal HUPP"`, hint: `did you mean "HUP"?`, kind: dialect.KindBadSignal},
		{name: "environment", text: x + "environment=A=1\n  B=2", want: `cannot parse f:5:3: environment: expected KEY=value pairs separated by commas, got "=2"`,
			hint: `put a comma before "B", or quotes around the whole value`, kind: dialect.KindBadEnvironment},
		{name: "expanded environment is not shown", text: x + "environment=A=%(ENV_DATABASE_URL)s", change: func(in *Input) { in.Environ[1] = "DATABASE_URL=not so secret-value" },
			want: `cannot parse f:4:13: environment: expected KEY=value pairs separated by commas, which this is not once it is expanded`,
			hint: "put quotes around every %(…)s, and see that its value has none", kind: dialect.KindBadEnvironment},
		{name: "unknown name in a long value", text: "[supervisord]\n[program:x]\ncommand=a\n  --b\n  --url %(ENV_DATABASE_ULR)s", want: `cannot parse f:5:9: command: %(ENV_DATABASE_ULR)s is not known here`,
			hint: "did you mean %(ENV_DATABASE_URL)s?", kind: dialect.KindUnknownName},
		{name: "percent sign", text: x + "directory=100%", want: `cannot parse f:4:14: directory: the value ends inside of a % conversion`, hint: "write %% for a percent sign", kind: dialect.KindBadFormat},
		{name: "no command", text: "[supervisord]\n[program:x]\n", want: `cannot parse f:2:1: [program:x]: expected a command setting`,
			hint: "write command = /path/to/program, or check the order of the files if another one has it", kind: dialect.KindNoCommand},
		{name: "numprocs", text: x + "numprocs=2", want: `cannot parse f:2:1: process_name: expected a name with %(process_num) because numprocs is 2, got "%(program_name)s"`,
			hint: "write process_name = %(program_name)s_%(process_num)02d", kind: dialect.KindNumprocs},
		{name: "too many processes", text: x + "numprocs=1000000000\nprocess_name=%(process_num)d", want: `cannot parse f:4:10: numprocs: expected at most 100000, got 1000000000`, kind: dialect.KindBadNumber},
		{name: "group", text: x + "[group:g]\nprograms=x, y", want: `cannot parse f:5:10: programs: expected names of programs, got "y", for which there is no section`, kind: dialect.KindUnknownProgram},
		{name: "depends_on", text: "[supervisord]\n[program:web]\ncommand=a\n[program:cache]\ncommand=a\ndepends_on = web cahce", want: `cannot parse f:6:18: depends_on: expected names of programs or groups, got "cahce", which there is not`,
			hint: `did you mean "cache"?`, kind: dialect.KindUnknownProgram},
		{name: "circle", text: "[supervisord]\n[program:a]\ncommand=a\ndepends_on=b\n[program:b]\ncommand=a\ndepends_on=g\n[program:c]\ncommand=c\ndepends_on=a\n[group:g]\nprograms=c",
			want: `cannot parse f:4:12: depends_on: expected programs that do not wait for this one, got the circle a → b → g → c → a`, kind: dialect.KindOther},
		{name: "port", text: "[supervisord]\n[inet_http_server]\nport=x:99999", want: `cannot parse f:3:6: port: expected a port from 1 to 65535, got "x:99999"`, kind: dialect.KindBadPort},
		{name: "owner", text: "[supervisord]\n[unix_http_server]\nfile=/a\nchown=a:b", want: `cannot parse f:4:7: chown: expected user or user:group, got "a:b"`,
			hint: `there is no user "a": add it in the image`, kind: dialect.KindUnknownOwner},
		{name: "syslog by name", text: "[supervisord]\n[slipway]\nsyslog = udp://logs:514\n", want: `cannot parse f:3:10: syslog: expected a path or udp://ADDRESS:PORT with a numeric IPv4 address, got "udp://logs:514"`, kind: dialect.KindOther},
		{name: "socket", text: "[supervisord]\n[fcgi-program:x]\ncommand=a\nsocket=/run/x.sock", want: `cannot parse f:4:8: socket: expected unix:///path or tcp://host:port, got "/run/x.sock"`, kind: dialect.KindBadSocket},
		{name: "plug-in", text: "[supervisord]\n[rpcinterface:twiddler]\nsupervisor.rpcinterface_factory=supervisor_twiddler.rpcinterface:make",
			want: `cannot parse f:3:33: supervisor.rpcinterface_factory: expected supervisor.rpcinterface:make_main_rpcinterface, got "supervisor_twiddler.rpcinterface:make"`,
			hint: "Python plug-ins cannot be loaded; take the section out, or the setting", kind: dialect.KindPlugin},
		{name: "event", text: "[supervisord]\n[eventlistener:x]\ncommand=a\nevents=PROCESS_STATE_RUNING", want: `cannot parse f:4:8: events: expected types of events, got "PROCESS_STATE_RUNING"`,
			hint: `did you mean "PROCESS_STATE_RUNNING"?`, kind: dialect.KindUnknownEvent},
		{name: "environment variable", text: "[supervisord]\n", change: func(in *Input) { in.Environ = append(in.Environ, "SLIPWAY_STOP_BUDGET=soon") },
			want: `cannot parse environment variable SLIPWAY_STOP_BUDGET: stop_budget: expected a duration such as 500ms, 30s or 2m, got "soon"`, kind: dialect.KindBadNumber},
		{name: "no supervisord", text: "[program:x]\ncommand=a", want: "cannot read f: there is no [supervisord] section",
			hint: "add a line [supervisord], or include the file from one that has it", kind: dialect.KindNoSupervisord},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(tt.text, tt.change)
			var ps *dialect.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("Decode(%q): %v, want a problem", tt.text, err)
			}
			p := ps.First
			if len(ps.List) != 1 || p.Error() != tt.want || p.Hint != tt.hint || p.Kind != tt.kind {
				t.Errorf("Decode(%q):\n got %v (%s)\nhint %s\nwant %s (%s)\nhint %s", tt.text, err, p.Kind, p.Hint, tt.want, tt.kind, tt.hint)
			}
			if strings.Contains(err.Error(), "secret-value") {
				t.Errorf("%v shows the environment", err)
			}
		})
	}
}

// Every problem is reported, in the order of the files; Supervisor's first is
// known all the same.
func TestAllProblems(t *testing.T) {
	_, err := decode("[program:b]\nautostart=maybe\nuser=who\n[supervisord]\nminfds=many\n[program:c]\ncommand=c\nnumprocs=3\npriority=%(nope)s", nil)
	var ps *dialect.Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range ps.List {
		got = append(got, p.Pos.String()+" "+string(p.Kind))
	}
	want := []string{"f:1:1 no-command", "f:2:11 bad-boolean", "f:3:6 unknown-user", "f:5:8 bad-number", "f:6:1 numprocs-needs-process_num", "f:9:10 expansion-unknown-name"}
	if !slices.Equal(got, want) {
		t.Errorf("problems = %q, want %q", got, want)
	}
	if ps.First.Kind != dialect.KindBadNumber {
		t.Errorf("first = %v, want the one of minfds", ps.First)
	}
}

// A bad value of every typed option is refused, and every default is accepted.
// That also proves that every row is read.
func TestEveryOption(t *testing.T) {
	bad := map[config.Type]string{config.TypeInt: "x", config.TypeBool: "x", config.TypeSize: "x", config.TypeOctal: "9", config.TypeExitcodes: "x", config.TypeSignal: "x", config.TypeRestart: "x", config.TypeUser: "x",
		config.TypeOwner: "x", config.TypeLevel: "x", config.TypeDir: "/x", config.TypePath: "/x/x", config.TypeLog: "/x/x", config.TypeEnum: "x", config.TypeDuration: "x", config.TypeEnvironment: "x",
		config.TypeAddress: "x", config.TypePort: "x", config.TypeSocket: "x", config.TypeEntryPoint: "x", config.TypeProbe: "x", config.TypeReload: "x", config.TypePause: "x", config.TypeSignals: "x", config.TypeRoutes: "x",
		config.TypeString: "%(x)s", config.TypeList: "%(x)s", config.TypeWords: "%(x)s"}
	whole := map[string]string{"program:NAME": "command=a\n", "eventlistener:NAME": "command=a\nevents=EVENT\n", "fcgi-program:NAME": "command=a\nsocket=unix:///s\n", "socket:NAME": "listen=unix:///s\n",
		"unix_http_server": "file=/s\n", "inet_http_server": "port=1\n",
		"rpcinterface:NAME": "supervisor.rpcinterface_factory=" + config.MainInterface + "\n"}
	noDirs := func(in *Input) { in.System.IsDir = func(d string) bool { return d == "/dev" } }
	for _, table := range config.Tables() {
		section := strings.Replace(strings.Replace(table.Name, "NAME", "x", 1), "DEST", "/x", 1)
		for o := range table.All() {
			if o.Type == config.TypeText || table.Name == "supervisorctl" {
				continue
			}
			t.Run(section+"/"+o.Name, func(t *testing.T) {
				text := "[supervisord]\n[" + section + "]\n" + whole[table.Name]
				_, err := decode(text+o.Name+"="+bad[o.Type], noDirs)
				if err == nil || !strings.Contains(err.Error(), o.Name) {
					t.Errorf("%s = %s: %v, want a problem", o.Name, bad[o.Type], err)
				}
				for _, value := range []string{o.Default, o.RunDefault} {
					if value == "" || o.Name == "pidfile" {
						continue
					}
					if _, err := decode(text+o.Name+"="+value, nil); err != nil {
						t.Errorf("default %s = %s: %v", o.Name, value, err)
					}
				}
			})
		}
	}
}

func TestNotes(t *testing.T) {
	for _, tt := range []struct{ name, text, want, hint string }{
		{"unknown key", x + "autorestat=true", "f:4:1: [program:x]: autorestat is not known and has no effect", `did you mean "autorestart"?`},
		{"key of an event listener", "[supervisord]\n[eventlistener:x]\ncommand=a\nevents=EVENT\nbufer_size=1\n", "f:5:1: [eventlistener:x]: bufer_size is not known and has no effect", `did you mean "buffer_size"?`},
		{"unknown section", "[supervisord]\n[programm:x]\ncommand=a", "f:2:1: section [programm:x] is not known and has no effect", "did you mean [program:x]?"},
		{"section with blanks", "[supervisord]\n[ program:x]\ncommand=a", "f:2:1: section [ program:x] is not known and has no effect", "write the name of the section without blanks"},
		{"lost text", x + "environment=A=a b", "f:4:13: [program:x]: environment: \"b\" is taken for the separator and lost", "put the value into quotes, and a comma between variables"},
		{"same process names", x + "numprocs=2\nprocess_name=a%(process_num).0s", `f:2:1: group "x" has several processes named "a": only the last one counts`, "use %(process_num)s, or another name, in process_name"},
		{"same group names", x + "[group:x]\n", `f:2:1: group "x" exists already (f:4:1)`, "give one of them another name"},
		{"nothing", x + "on_exit=shutdown\nenvironment+=A=1\n[ctlplugin:a]\nx=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=" + config.MainInterface + "\ny=1\n[unix_http_server:a]\nfile=/a", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode(tt.text, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, hint := "", ""
			for _, n := range cfg.Notes {
				got, hint = n.Pos.String()+": "+n.Text, n.Hint
			}
			if len(cfg.Notes) > 1 || got != tt.want || hint != tt.hint {
				t.Errorf("notes = %v, want %q, %q", cfg.Notes, tt.want, tt.hint)
			}
		})
	}
}

// A file that is read before the one it was meant to change changes nothing.
func TestTooEarly(t *testing.T) {
	in := Input{System: onlyFiles(map[string]string{
		"/c/f":           "[include]\nfiles=d/*",
		"/c/d/10-my":     "[program:x]\nautostart=false\npriority=3\nstartsecs=1",
		"/c/d/20-theirs": "[program:x]\ncommand=a\nautostart=true\nstartsecs=1",
		"/c/d/30-good":   "[program:x]\nautostart=true",
	})}
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Notes) != 0 { // 30-good is what counts
		t.Errorf("notes = %v, want none where a later file decides", cfg.Notes)
	}
	in.System = onlyFiles(map[string]string{
		"/c/f":           "[include]\nfiles=d/*",
		"/c/d/10-my":     "[program:x]\nautostart=false\npriority=3\nstartsecs=1",
		"/c/d/20-theirs": "[program:x]\ncommand=a\nautostart=true\nstartsecs=1",
	})
	doc, err = dialect.Load("f", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err = Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	want := dialect.Note{Pos: dialect.Pos{File: "/c/d/10-my", Line: 2, Col: 1}, Hint: "give the file a name that sorts after /c/d/20-theirs",
		Text: `[program:x]: autostart = "false" has no effect: /c/d/20-theirs:3:1 is read later and sets it again`}
	if len(cfg.Notes) != 1 || cfg.Notes[0] != want {
		t.Errorf("notes = %v, want %v", cfg.Notes, want)
	}
}

// environment= replaces what earlier files have, environment+= adds to it.
func TestEnvironmentAdds(t *testing.T) {
	in := Input{System: onlyFiles(map[string]string{
		"/c/f":   "[program:x]\ncommand=a\nenvironment=A=1,B=1\nenvironment+=C=1\n[program:y]\ncommand=a\nenvironment+=A=1\n[include]\nfiles=d/*",
		"/c/d/1": "[program:x]\nenvironment+=D=%(here)s,A=2",
		"/c/d/2": "[program:y]\nenvironment=B=2",
		"/c/d/3": "[program:y]\nenvironment+=C=3",
	})}
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Groups[0].Processes[0].Environment, []dialect.Var{{Name: "A", Value: "2"}, {Name: "B", Value: "1"}, {Name: "C", Value: "1"}, {Name: "D", Value: "/c/d"}}; !slices.Equal(got, want) {
		t.Errorf("environment of x = %v, want %v", got, want)
	}
	if got, want := cfg.Groups[1].Processes[0].Environment, []dialect.Var{{Name: "B", Value: "2"}, {Name: "C", Value: "3"}}; !slices.Equal(got, want) {
		t.Errorf("environment of y = %v, want %v", got, want)
	}
}

func TestOwnSections(t *testing.T) {
	cfg, err := decode(`
[slipway]
sources = env.d, environment
stop_budget = 1m
syslog = udp://192.0.2.1:514
[program:web]
command = a
depends_on = main
reload = signal HUP
health = http://127.0.0.1:8080/
on_exit = shutdown
secrets =
`, func(in *Input) {
		in.AsSupervisord = false
		in.Environ = append(in.Environ, "SLIPWAY_KEEP=7")
	})
	if err != nil {
		t.Fatal(err)
	}
	s := cfg.Slipway
	if s.StopBudget.String() != "1m0s" || !slices.Equal(s.Sources, []string{"env.d", "environment"}) || s.KeepGens != 7 || s.OnFatal != config.OnFatalShutdown {
		t.Errorf("slipway = %+v", s)
	}
	p := cfg.Groups[0].Processes[0]
	if p.OnExit != config.OnExitShutdown || p.Reload != (config.Reload{How: config.ReloadSignal, Signal: 1}) || p.Health.Retries != 3 || p.Secrets == nil || p.Strays != config.StraysKill || p.OnFatal != config.OnFatalShutdown || p.MinInterval != 0 {
		t.Errorf("program = %+v", p)
	}
	if got, want := cfg.Slipway.Syslog, (config.Syslog{Addr: [4]byte{192, 0, 2, 1}, Port: 514}); got != want {
		t.Errorf("syslog = %v, want %v", got, want)
	}
}

func TestCommandLine(t *testing.T) {
	in := input("[supervisord]\nloglevel=debug\nidentifier=a")
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	doc.Set("supervisord", "identifier", "100%", dialect.Pos{File: "the command line"})
	cfg, err := Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Supervisord.Identifier; got != "100%" {
		t.Errorf("identifier = %q, want it literally", got)
	}
	doc.Set("supervisord", "loglevel", "loud", dialect.Pos{File: "the command line"})
	_, err = Decode(doc, in)
	if want := `cannot parse the command line: loglevel: expected critical, error, warn, info, debug, trace or blather, got "loud"`; err == nil || err.Error() != want {
		t.Errorf("Decode: %v, want %s", err, want)
	}
}

func TestDiff(t *testing.T) {
	const base = "[supervisord]\n[program:a]\ncommand=a\nenvironment=A=1,B=2\n[program:b]\ncommand=b\nstdout_logfile=auto\n[eventlistener:l]\ncommand=l\nevents=EVENT\n[program:gone]\ncommand=g\n"
	for _, tt := range []struct{ name, text, added, changed, removed string }{
		{"nothing", base, "", "", ""},
		{"place and order", "[program:b]\ncommand=b\n[supervisord]\n[program:gone]\ncommand=g\n[program:a]\nenvironment=B=2,A=1\ncommand=a\n[eventlistener:l]\ncommand=l\nevents=EVENT\n", "", "", ""},
		{"command", strings.Replace(base, "command=a", "command=c", 1), "", "a", ""},
		{"environment of all", strings.Replace(base, "[supervisord]\n", "[supervisord]\nenvironment=X=1\n", 1), "", "l a b gone", ""},
		{"a log that was AUTO", strings.Replace(base, "=auto", "=/tmp/x", 1), "", "b", ""},
		{"events", strings.Replace(base, "=EVENT", "=TICK", 1), "", "l", ""},
		{"kind", strings.Replace(base, "[program:b]", "[fcgi-program:b]\nsocket=unix:///s", 1), "", "b", ""},
		{"own option", strings.Replace(base, "command=b", "command=b\nreload=none", 1), "", "b", ""},
		{"added and removed", strings.Replace(base, "[program:gone]", "[program:new]", 1), "new", "", "gone"},
		{"priority", strings.Replace(base, "command=b", "command=b\npriority=1", 1), "", "b", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, err := decode(base, nil)
			if err != nil {
				t.Fatal(err)
			}
			now, err := decode(tt.text, nil)
			if err != nil {
				t.Fatal(err)
			}
			added, changed, removed := changes.Between(old, now)
			got := strings.Join(added, " ") + "|" + strings.Join(changed, " ") + "|" + strings.Join(removed, " ")
			if want := tt.added + "|" + tt.changed + "|" + tt.removed; got != want {
				t.Errorf("Diff = %s, want %s", got, want)
			}
		})
	}
}
