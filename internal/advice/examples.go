package advice

// Example is how a family of errors comes about, as a script of a shell, and what it prints.
// The page has both, and the test of the examples in documents runs them.
type Example struct {
	Family string
	Script string
	Output string
	// Without says why there is no script.
	Without string
}

// supervised starts a supervisor in the background and waits for it.
const supervised = "export SLIPWAY_RUNTIME=run\nslipway run -c app.conf >printed 2>log &\nslipway wait -q file:run/control.sock\n"

// Examples are those of all families, in the order of the table.
func Examples() []Example {
	return []Example{
		{Family: "no-such-name", Script: "printf '[program:web]\\ncommand = sleep 60\\n' >app.conf\n" + supervised +
			"slipway restart wbe 2>&1 || echo \"status $?\"\nslipway shutdown\n", Output: "slipway: error: cannot restart wbe: there is no such process or group\nslipway: hint: did you mean web?\nstatus 1\nshut down\n"},
		{Family: "not-started", Script: `cat >app.conf <<'END'
[slipway]
on_fatal = ignore
[program:web]
command = sh -c 'echo "no licence"; exit 3'
startretries = 0
autostart = false
[program:other]
command = sleep 60
END
` + supervised + `slipway start web 2>&1 || echo "status $?"
slipway tail -n 1 web
slipway shutdown
`, Output: "slipway: error: cannot start web: it was started, and ended with status 3 after ...\nslipway: hint: slipway tail web shows what it printed last\nstatus 1\nno licence\nshut down\n"},
		{Family: "not-well", Script: `cat >app.conf <<'END'
[program:web]
command = sleep 60
startsecs = 0
ready = file:here
END
` + supervised + `slipway wait -q "exec:slipway status | grep RUNNING"
slipway healthcheck || echo "status $?"
touch here
slipway wait -q "exec:slipway healthcheck"
slipway shutdown
`, Output: "web: RUNNING, not ready\nstatus 1\nshut down\n"},
		{Family: "change-refused", Script: `cat >app <<'END'
#!/bin/sh
check() { ! grep -q loud app.settings || exit 1; }
trap check HUP
check
while :; do sleep 0.05; done
END
chmod +x app
mkdir env.d
echo LEVEL=info >env.d/app.env
echo 'level {{ .Env.LEVEL }}' >app.tmpl
cat >app.conf <<END
[slipway]
env_dir = env.d
templates = none
[template:$PWD/app.settings]
source = $PWD/app.tmpl
notify = app
[program:app]
command = ./app
reload = signal HUP
END
` + supervised + `slipway wait -q "exec:slipway healthcheck"
echo LEVEL=loud >env.d/app.env
slipway wait -q "exec:grep -q 'change refused' log"
slipway render 2>&1 || echo "status $?"
cat app.settings
slipway shutdown
`, Output: "slipway: error: cannot apply the change: program app did not come back healthy with it at ...\nslipway: hint: it is tried again when its input changes, or with slipway render --force\nstatus 1\nlevel info\nshut down\n"},
		{Family: "not-told", Script: `mkdir env.d
echo LEVEL=info >env.d/app.env
echo 'level {{ .Env.LEVEL }}' >app.tmpl
cat >app.conf <<END
[slipway]
env_dir = env.d
templates = none
[template:$PWD/app.settings]
source = $PWD/app.tmpl
notify = app
[program:app]
command = sleep 60
reload = command false
END
` + supervised + `slipway wait -q "exec:slipway healthcheck"
echo LEVEL=debug >env.d/app.env
slipway wait -q "exec:slipway status --output json | grep -q failure"
slipway render 2>&1 || echo "status $?"
slipway shutdown
`, Output: "nothing to change: 1 file up to date\nslipway: error: cannot reload app: reload command: exit status 1\nslipway: hint: the files are in place; the program is told again at ...\nstatus 1\nshut down\n"},
		{Family: "usage", Script: "slipway render --difff 2>&1 || echo \"status $?\"\n", Output: "slipway: error: unknown flag: --difff\nslipway: hint: did you mean --diff?\nstatus 2\n"},
		{Family: "variable-not-set", Script: `mkdir -p templates/etc
echo 'port = {{ .Env.PORT }}' >templates/etc/app.conf.tmpl
printf '[slipway]\ntemplates = templates\n' >app.conf
slipway render --root out -c app.conf 2>&1 || echo "status $?"
PORT=80 slipway render --root out -c app.conf
`, Output: "slipway: error: cannot render /etc/app.conf: templates/etc/app.conf.tmpl:1:11: the variable PORT is not set\n      1 | port = {{ .Env.PORT }}\n        |           ^\nslipway: hint: set it, or give a default: {{ .Env.PORT | default \"…\" }}\nstatus 65\n/etc/app.conf: create\n"},
		{Family: "variable-required", Script: `printf '[env:DB_URL]\nrequired = true\n[program:web]\ncommand = true\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot go on without DB_URL, which app.conf:1:1 requires: expected a text\nslipway: hint: slipway help variable-required says what to do\nstatus 65\n"},
		{Family: "bad-value", Script: `printf '[env:PORT]\ntype = port\n[program:web]\ncommand = true\n' >app.conf
PORT=80a slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot accept PORT from environment, which app.conf:1:1 declares: expected a port number (1 to 65535), got \"80a\"\nslipway: hint: slipway help bad-value says what to do\nstatus 65\n"},
		{Family: "template", Script: `mkdir -p templates/etc
echo 'name = {{ upperr .Env.USER }}' >templates/etc/app.conf.tmpl
printf '[slipway]\ntemplates = templates\n' >app.conf
USER=me slipway render --root out -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot render /etc/app.conf: templates/etc/app.conf.tmpl:1:11: there is no function upperr\n      1 | name = {{ upperr .Env.USER }}\n        |           ^\nslipway: hint: did you mean upper?\nstatus 65\n"},
		{Family: "key-not-there", Script: `cat >slipway-source-shop <<'END'
#!/bin/sh
printf 'slipway-source 1\nsnapshot 1\nkey /shop/colour red\nend 1\n'
END
chmod +x slipway-source-shop
PATH=$PWD:$PATH
mkdir -p templates/etc
echo '{{ kv "/shop/color" }}' >templates/etc/app.conf.tmpl
printf '[slipway]\ntemplates = templates\nsources = shop\n[source:shop]\nprefix = /shop/\n' >app.conf
slipway render --root out -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot render /etc/app.conf: templates/etc/app.conf.tmpl:1:4: there is no key \"/shop/color\"\n      1 | {{ kv \"/shop/color\" }}\n        |    ^\nslipway: hint: did you mean \"/shop/colour\"?\nstatus 65\n"},
		{Family: "peer-not-found", Script: `printf '[link:db]\nport = 5432\nrequired = true\n[program:web]\ncommand = true\n' >app.conf
slipway run -c app.conf >log 2>&1 || echo "status $?"
cut -c 1-91 log | head -n 1
DB_HOST=10.0.0.7 DB_PORT=5432 slipway links -c app.conf
`, Output: "status 65\nslipway: error: cannot find peer \"db\", which app.conf:1:1 declares: no variable DB_URL, DB_\nPEER  PORT      ADDRESS        FOUND BY          NOTE\ndb    5432/tcp  10.0.0.7:5432  variable DB_HOST\n"},
		{Family: "values-file", Script: `mkdir env.d
echo 'LEVEL info' >env.d/app.env
printf '[slipway]\nenv_dir = env.d\n[program:web]\ncommand = true\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot parse env.d/app.env:1:1: expected NAME=value, got a line without =\nslipway: hint: for an empty value write NAME=; this is not a shell script, and nothing is taken from the host as docker's --env-file does\nstatus 65\n"},
		{Family: "check-failed", Script: `mkdir -p templates/etc
echo 'if then' >templates/etc/app.sh.tmpl
printf '[slipway]\ntemplates = templates\n[template:/etc/app.sh]\ncheck = sh -n {file}\n' >app.conf
slipway render --root out -c app.conf 2>&1 || echo "status $?"
ls out
`, Output: "slipway: error: cannot commit: check for /etc/app.sh failed: exit status 2\n...\nslipway: hint: nothing was written; the check is what app.conf:3:1 says\nstatus 65\n"},
		{Family: "store-not-available", Script: `printf '[etcd]\nendpoints = http://127.0.0.1:1\nprefix = /shop/\nexport = /shop/\nstart_timeout = 100ms\n[program:web]\ncommand = true\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot read source etcd: cannot read etcd at http://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused (tried for 100ms)\nslipway: hint: slipway help store-not-available says what to do\nstatus 69\n"},
		{Family: "no-supervisor", Script: `slipway status --socket run/control.sock 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot reach the supervisor: nothing listens on run/control.sock\nslipway: hint: is this the container, and the user, that slipway runs in? --socket names another socket\nstatus 69\n"},
		{Family: "cannot-write", Script: `mkdir -p templates/srv/app
echo 'x' >templates/srv/app/x.conf.tmpl
printf "[slipway]\ntemplates = none\n[template:$PWD/missing/app.conf]\nsource = $PWD/templates/srv/app/x.conf.tmpl\n" >app.conf
slipway render -c app.conf >log 2>&1 || echo "status $?"
sed "s|$PWD/||g" log
`, Output: "status 73\nslipway: error: cannot write missing/app.conf: directory missing does not exist\nslipway: hint: make it in the image, or say parents = true in the template's section\n"},
		{Family: "state", Script: `echo one >app.tmpl
export SLIPWAY_RUNTIME=run
printf "[slipway]\ntemplates = none\n[template:$PWD/app.settings]\nsource = $PWD/app.tmpl\n" >app.conf
slipway render -c app.conf >printed
echo two >app.tmpl
slipway render -c app.conf >printed
echo damaged >run/generation-000002.json
slipway render -c app.conf --rollback >log 2>&1 || echo "status $?"
sed "s|$PWD/||g" log
cat app.settings
`, Output: "status 73\nslipway: error: cannot go back: run/generation-000002.json is of no use: it is damaged: invalid character 'd' looking for beginning of value; remove it to go back to the generation before it\nslipway: hint: slipway help state says what to do\ntwo\n"},
		{Family: "deadline", Script: `slipway wait -q -t 100ms file:there 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot reach file:there: it took too long (last answer: stat there: no such file or directory)\nslipway: hint: --timeout gives it more time than 100ms\nstatus 75\n"},
		{Family: "configuration", Script: `printf '[program:web]\ncommand = true\nautorestart = allways\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot parse app.conf:3:15: autorestart: expected true, false or unexpected, got \"allways\"\nslipway: hint: Supervisor's word for always is \"true\"\nstatus 78\n"},
		{Family: "unknown-word", Script: `printf '[program:web]\ncommand = true\nautostrat = false\n[temlate:/etc/x]\n' >app.conf
slipway check -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: note: app.conf:3:1: [program:web]: autostrat is not known and has no effect\nslipway: hint: did you mean \"autostart\"?\nslipway: note: app.conf:4:1: section [temlate:/etc/x] is not known and has no effect\nslipway: hint: did you mean [template:/etc/x]?\nall is well: 1 configuration file, 1 process, 0 rendered files\n"},
		{Family: "order", Script: `printf '[program:a]\ncommand = true\ndepends_on = b\n[program:b]\ncommand = true\ndepends_on = a\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot parse app.conf:3:14: depends_on: expected programs that do not wait for this one, got the circle a → b → a\nslipway: hint: slipway help order says what to do\nstatus 78\n"},
		{Family: "no-program", Script: `mkdir conf.d
printf '[include]\nfiles = conf.d/*.conf\n' >app.conf
slipway run -c app.conf >log 2>&1 || echo "status $?"
sed "s|$PWD/||" log
`, Output: "status 78\nslipway: error: cannot find a program to run: no file has a section [program:NAME]; looked for conf.d/*.conf; read app.conf\nslipway: hint: add one, for instance /etc/slipway/conf.d/app.conf with [program:app] and command = …, or give a command: slipway run -- COMMAND\n"},
		{Family: "user", Script: `printf '[program:web]\ncommand = true\nuser = nobdy\n' >app.conf
slipway run -c app.conf 2>&1 || echo "status $?"
`, Output: "slipway: error: cannot parse app.conf:3:8: user: expected the name or number of a user of this machine, got \"nobdy\"\nslipway: hint: add the user in the image, for instance: RUN useradd --system nobdy\nstatus 78\n"},
		{Family: "not-reread", Script: "printf '[program:web]\\ncommand = sleep 60\\n' >app.conf\n" + supervised +
			"printf '[program:web]\\ncommand = sleep 60\\nstopwaitsecs = long\\n' >app.conf\nslipway update 2>&1 || echo \"status $?\"\nslipway shutdown\n", Output: "slipway: error: cannot read the configuration: cannot parse app.conf:3:16: stopwaitsecs: expected a whole number, got \"long\"; the running one stays\nslipway: hint: slipway check finds every problem\nstatus 78\nshut down\n"},
		{Family: "not-executable", Script: "echo x >app\nslipway exec -- ./app 2>&1 || echo \"status $?\"\n", Output: "slipway: error: cannot execute ./app: its mode is 0644\nslipway: hint: slipway help not-executable says what to do\nstatus 126\n"},
		{Family: "not-found", Script: "printf '[program:web]\\ncommand = ngnix\\n' >app.conf\nslipway run -c app.conf 2>&1 || echo \"status $?\"\n", Output: "slipway: error: cannot execute program web (app.conf:1:1): command ngnix: not found in PATH ...\nslipway: hint: slipway help not-found says what to do\nstatus 127\n"},
		{Family: "ended-by-signal", Script: ": >app.conf\nslipway run -c app.conf -- sh -c 'kill -KILL $$' >printed 2>log || echo \"status $?\"\n", Output: "status 137\n"},
		{Family: "given-up", Script: `printf '[program:web]\ncommand = sh -c "exit 3"\nstartretries = 0\n' >app.conf
slipway run -c app.conf 2>log || echo "status $?"
grep -o "gave up.*" log
`, Output: "status 3\ngave up: web entered FATAL state, too many start retries too quickly\n"},
		{Family: "cannot-listen", Script: `printf '[socket:web]\nlisten = unix:///nowhere/web.sock\n[program:web]\ncommand = sleep 60\nsockets = web\n' >app.conf
slipway run -c app.conf 2>log || echo "status $?"
grep -o 'cannot listen.*' log
`, Output: "status 78\ncannot listen at unix:///nowhere/web.sock ([socket:web], app.conf:1:1): there is no folder /nowhere\n"},
		{Family: "control-socket", Script: "printf '[program:web]\\ncommand = sleep 60\\n' >app.conf\n" + supervised +
			`slipway run -c app.conf >/dev/null 2>second &
slipway wait -q "exec:grep -q 'is the control socket of' second"
grep -o 'is the control socket of.*' second
kill $! && wait $!
slipway shutdown
`, Output: "is the control socket of slipway-init (pid ...\nshut down\n"},
		{Family: "stop-budget", Script: `cat >app.conf <<'END'
[slipway]
stop_budget = 1s
[program:web]
command = sh -c 'trap "" TERM; touch up; while :; do sleep 0.1; done'
ready = file:up
ready_interval = 50ms
[program:other]
command = sleep 60
END
` + supervised + `slipway wait -q "exec:slipway healthcheck"
kill -TERM $!
wait $! || echo "status $?"
grep -o 'killing .*' log | head -n 1
`, Output: "killing 'web' ...\n"},
		{Family: "clock", Without: "it needs the right to set the clock of the machine; tests of supervise/loop have a clock of their own"},
		{Family: "http-server", Without: "nothing is known that leads to it but want of memory"},
		{Family: "events-lost", Without: "it takes a listener that is slower than events come; the tests of supervise have one"},
		{Family: "not-followed", Script: `mkdir env.d
echo PORT=80 >env.d/app.env
echo 'port {{ .Env.PORT }}' >app.tmpl
cat >app.conf <<END
[slipway]
env_dir = env.d
templates = none
[template:$PWD/app.settings]
source = $PWD/app.tmpl
[program:app]
command = sleep 60
END
` + supervised + `echo PROT=8080 >env.d/app.env
slipway wait -q "exec:grep -q 'cannot render again' log"
slipway wait -q "exec:slipway status 2>&1 | grep -q 'have not been rendered'"
grep -o 'cannot render again, [a-z ]*' log
slipway shutdown
`, Output: "cannot render again, the files stay as they are\nshut down\n"},
		{Family: "logs", Script: `printf '[program:web]\ncommand = sh -c "echo hello; exec sleep 60"\nstdout_logfile = /dev/full\n' >app.conf
` + supervised + `slipway wait -q "exec:grep -q 'cannot write' log"
slipway wait -q "exec:slipway status | grep -q 'bytes of its output were lost'"
grep -o 'cannot write.*' log
slipway shutdown
`, Output: "cannot write /dev/full: no space left on device; ...\nshut down\n"},
		{Family: "internal", Without: "nothing is known that leads to it"},
		{Family: "no-tasks", Without: "it needs a machine that is full; tests of supervise/early and of containers make one"},
	}
}
