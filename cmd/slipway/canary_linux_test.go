package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// The promise of "nothing leaked": a secret of its own goes into every place that
// secrets come from, every command runs in each of its forms, right and wrong, beside a
// running supervisor, and none of the secrets is in what they print or log, in the
// arguments of a process, or in a file that others can read.

// canaries are the planted secrets, by the place that each was planted in.
type canaries struct {
	mu sync.Mutex // arguments of processes are looked at all the while
	by map[string]string
}

// plant makes a secret for a place.
func (cs *canaries) plant(place string) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.by[place] == "" {
		cs.by[place] = "canary" + rand.Text()[:12]
	}
	return cs.by[place]
}

// in returns the places whose secrets are in a text, as they are or encoded. Most of one is
// enough: it may be cut, and the ends of base64 depend on what stands around it.
func (cs *canaries) in(text []byte) []string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	flat := bytes.ReplaceAll(text, []byte("\n"), nil)
	var places []string
	for place, secret := range cs.by {
		if slices.ContainsFunc(told(secret), func(form string) bool { return bytes.Contains(flat, []byte(form)) }) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places
}

// told are the texts that tell a secret, or most of it.
func told(secret string) []string {
	all := []string{secret[:len(secret)-4], secret[len("canary"):], hex.EncodeToString([]byte(secret[1:]))}
	for phase := range 3 { // whole groups of three bytes, which begin anywhere within
		groups := (len(secret) - phase) / 3 * 3
		all = append(all, base64.StdEncoding.EncodeToString([]byte(secret[phase:phase+groups])))
	}
	return all
}

// aviary is a container with canaries in it.
type aviary struct {
	*container
	canaries
	environ []string // of every command
	brief   bool     // each failure by one command alone: every login takes its time
}

const aviaryConf = `
secret_dirs = DIR/secrets, DIR/volume
sources = env.d, demo, etcd, environment, secrets, credentials
data = DIR/limits.yaml
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
loglevel = debug
[unix_http_server:web]
file = DIR/run/web.sock
username = me
password = {socket password}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://DIR/run/web.sock
username = me
password = {socket password}
[env:OF_ENVIRONMENT]
secret = true
[env:SHADOWED]
secret = true
[env:OF_ENV_D]
secret = true
[env:OVERLAPPING]
secret = true
[env:OF_DEFAULT]
secret = true
default = {default}
[env:DERIVED]
default = /{{ .Env.OF_ENVIRONMENT }}/
[env:OF_NAME_FILE]
description = declared, so NAME_FILE is read
[link:search]
port = 9200
export = true
[template:DIR/out/all.conf]
source = DIR/all.tmpl
parents = true
check = grep -q . {file}
notify = web
[template:DIR/out/gone.conf]
source = DIR/gone.tmpl
parents = true
[program:web]
command = /bin/sh -c "echo speaks; exec sleep 1000"
environment = OWN_TOKEN="{environment key}"
startsecs = 0
health = http://me:{health}@127.0.0.1:9/
health_interval = 100ms
health_action = none
reload = signal CONT
stdout_logfile = DIR/web.log
[program:job]
command = /bin/true
autostart = false
startsecs = 0
secrets =
[program:hooked]
command = /bin/sh -c "exec sleep 1000" %(ENV_OF_ENVIRONMENT)s
pre_start = /bin/sh -c "exit 3" %(ENV_OF_ENVIRONMENT)s
post_stop = /bin/sh -c "exit 3" %(ENV_OF_ENVIRONMENT)s
ready = exec:/bin/sh -c "exit 1" %(ENV_OF_ENVIRONMENT)s
reload = command /bin/sh -c "exit 4" %(ENV_OF_ENVIRONMENT)s
env_file = DIR/hooked.env
environment = HOOK_TOKEN="{hook}"
log_format = json
stdout_logfile = DIR/hooked.log
stdout_copy = DIR/copy.log
autostart = false
startretries = 0
on_fatal = ignore
[program:timed]
command = /bin/false %(ENV_OF_ENVIRONMENT)s
schedule = 0 0 29 2 *
autostart = false
[program:unset]
command = /bin/true
env_file = DIR/nosuch.env
autostart = false
startretries = 0
on_fatal = ignore
`

// newAviary plants what needs no server. Lines are added to the configuration.
func newAviary(t *testing.T, more string) *aviary {
	t.Helper()
	a := &aviary{canaries: canaries{by: map[string]string{}}}
	conf := aviaryConf + more
	for _, place := range []string{"socket password", "default", "environment key", "health", "etcd password", "hook"} {
		conf = strings.ReplaceAll(conf, "{"+place+"}", a.plant(place))
	}
	a.container = newContainer(t, conf)
	if err := os.Chmod(filepath.Join(a.dir, "app.conf"), 0o600); err != nil { // it holds passwords itself
		t.Fatal(err)
	}
	a.secret("env.d/app.env", "OF_ENV_D="+a.plant("env.d")+"\nSHADOWED="+a.plant("shadowed")+"\n")
	a.secret("hooked.env", "broken line "+a.plant("env file of a program")+"\n")
	a.secret("name-file", a.plant("NAME_FILE")+"\n")
	a.secret("file-name", a.plant("FILE__NAME")+"\n")
	a.secret("secrets/of-directory", a.plant("secret directory")+"\n"+a.plant("second line")+"\n")
	a.secret("credentials/of.credential", a.plant("credential"))
	a.secret("volume/..2026/of-volume", a.plant("Kubernetes volume"))
	for link, to := range map[string]string{"..data": "..2026", "of-volume": "..data/of-volume"} {
		if err := os.Symlink(to, filepath.Join(a.dir, "volume", link)); err != nil {
			t.Fatal(err)
		}
	}
	a.secret("limits.yaml", "pool: 5\nreplica: postgres://me:"+a.plant("userinfo in a data file")+"@db/app\n")
	a.script("slipway-source-demo", `cat >/dev/null
printf 'slipway-source 1\nsnapshot 7\nsecret var OF_PROGRAM `+a.plant("source program's variable")+`\nsecret key /demo/key `+a.plant("source program's key")+`\nvar LEVEL debug\nend 7\n'`)
	a.environ = []string{
		"PATH=" + a.dir + "/bin:" + os.Getenv("PATH"), "HOME=" + a.dir, "SLIPWAY_CONTROL=" + a.dir + "/run/control.sock",
		"SLIPWAY_CONFIG=" + a.dir + "/app.conf",
		"OF_ENVIRONMENT=" + a.plant("environment"),
		"SHADOWED=" + a.plant("shadowing"),
		"OVERLAPPING=" + a.plant("environment") + a.plant("rest of a secret that another begins"),
		"CREDENTIALS_DIRECTORY=" + a.dir + "/credentials",
		"SLIPWAY_TERMINATION_LOG=" + a.dir + "/termination.log",
		"OF_NAME_FILE_FILE=" + a.dir + "/name-file",
		"FILE__OF_FILE=" + a.dir + "/file-name",
		"DATABASE_URL=postgres://me:" + a.plant("userinfo") + "@db:5432/app",
		"SEARCH_URL=http://me:" + a.plant("userinfo of a peer") + "@search.example:9200/",
		"CACHE_NAME=/web/cache", "CACHE_PORT_6379_TCP=tcp://10.0.0.7:6379", "CACHE_PORT_6379_TCP_ADDR=10.0.0.7",
		"CACHE_ENV_PASSWORD=" + a.plant("environment of a linked container"),
		"QUEUE_SERVICE_HOST=10.96.0.4", "QUEUE_SERVICE_PORT=5672",
		"QUEUE_URL=amqp://me:" + a.plant("userinfo of a service") + "@10.96.0.4:5672/%2f",
	}
	template := `a {{ .Env.OF_ENVIRONMENT }} {{ .Env.SHADOWED }} {{ .Env.OF_ENV_D }} {{ .Env.OF_DEFAULT }} {{ .Env.DERIVED }}
b {{ .Env.OF_NAME_FILE }} {{ .Env.OF_FILE }} {{ .Env.OF_DIRECTORY }} {{ .Env.OF_VOLUME }} {{ .Env.OF_CREDENTIAL }}
c {{ .Env.OF_PROGRAM }} {{ kv "/demo/key" }} {{ .Env.DATABASE_URL }} {{ .Env.SEARCH_URL }} {{ .Env.QUEUE_URL }}
d {{ .Env.CACHE_ENV_PASSWORD }} {{ (link "search" 9200).Addr }} {{ .Data.limits.pool }}
`
	if more != "" {
		template += "e {{ kv \"secret/key\" }} {{ .Env.OF_ETCD }} {{ range kvTree \"secret\" }}{{ .Value }}{{ end }} {{ .KV.secret.key }}\n"
	}
	a.write("all.tmpl", template)
	a.write("gone.tmpl", "once {{ .Data.limits.replica }}\n")
	return a
}

// secret writes a file for the owner alone.
func (a *aviary) secret(name, text string) {
	a.t.Helper()
	a.write(name, text)
	if err := os.Chmod(filepath.Join(a.dir, name), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *aviary) script(name, text string) {
	a.t.Helper()
	a.write("bin/"+name, "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(filepath.Join(a.dir, "bin", name), 0o700); err != nil {
		a.t.Fatal(err)
	}
}

// begin starts the supervisor, and waits until it has logged what is wrong with the
// health of a program.
func (a *aviary) begin() {
	a.t.Helper()
	a.cmd = exec.Command(a.bins.Slipway, "run")
	a.cmd.Dir, a.cmd.Env = a.dir, a.environ
	a.cmd.Stdout, a.cmd.Stderr = &a.out, &a.out
	if err := a.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	endWith(a.t, a.cmd)
	testkit.Eventually(a.t, testkit.Patience, "an unhealthy program", func() error {
		if _, out := a.run("status"); !strings.Contains(out, "unhealthy") {
			return fmt.Errorf("status is %s", out)
		}
		return nil
	})
}

// run runs a command and looks at what it prints. One that does not end by itself is
// ended; what it has printed until then is looked at all the same.
func (a *aviary) run(args ...string) (status int, out string) {
	a.t.Helper()
	return a.runAs("slipway", args...)
}

// runAs is run under another name of the executable.
func (a *aviary) runAs(name string, args ...string) (status int, out string) {
	a.t.Helper()
	within := time.Minute
	if endless(args) {
		within = 700 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.bins.Slipway)
	cmd.Args = append([]string{name}, args...)
	cmd.Dir, cmd.Env = a.dir, a.environ
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, context.DeadlineExceeded) {
		a.t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	if places := a.in(text); len(places) > 0 {
		a.t.Errorf("%s %s shows the secret of: %s\n%s", name, strings.Join(args, " "), strings.Join(places, ", "), text)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

func endless(args []string) bool { return args[0] == "follow" || args[0] == "events" }

// commandLines are the lines for each word of the registry; the test fails for a word
// that is not here. The forms of --output are added by the test itself.
func commandLines() map[string][]string {
	return map[string][]string{
		"run":     {"run -c failing-template.conf", "run -c failing-contract.conf", "run -c failing-config.conf", "run --explain", "run --explain --output json", "run --explain -c failing-template.conf", "run --explain -c failing-contract.conf"},
		"exec":    {"exec -- true"},
		"render":  {"render", "render --diff", "render --diff --root other", "render --check", "render --diff --rollback"},
		"check":   {"check", "check --fixtures fixtures.env", "check -c failing-template.conf"},
		"inspect": {"inspect"},
		"env": {
			"env", "env -c app.conf", "env --fresh", "env --explain OF_ENVIRONMENT", "env --explain SHADOWED", "env --explain DATABASE_URL",
			"env --explain OF_DEFAULT --fresh", "env --explain CACHE_ENV_PASSWORD", "env --explain SEARCH_URL", "env --explain NOSUCH",
		},
		"links":       {"links", "links -c app.conf"},
		"layers":      {"layers"},
		"templates":   {"templates"},
		"port":        {"port --from confd confd --to ported"},
		"kv":          {"kv get", "kv get export", "kv diff keys.yaml", "kv diff --delete keys.yaml", "kv put --dry-run keys.yaml", "kv put keys.yaml", "kv get --to keys"},
		"status":      {"status", "status --files", "status --sources"},
		"start":       {"start job", "start hooked", "start unset", "start timed"},
		"stop":        {"stop job"},
		"restart":     {"restart job"},
		"reload":      {"reload web", "reload hooked"},
		"enter":       {"enter web -- true", "enter job -- true", "enter nosuch"},
		"signal":      {"signal CONT web"},
		"tail":        {"tail web"},
		"follow":      {"follow"},
		"events":      {"events"},
		"reread":      {"reread"},
		"reopen":      {"reopen"},
		"update":      {"update"},
		"add":         {"add web"},
		"remove":      {"remove nosuch"},
		"healthcheck": {"healthcheck"},
		"serve":       {"serve"},
		"watch":       {"watch"},
		"probe":       {"probe"},
		"init":        {"init started", "init started"},
		"mask":        {"mask nosuch"},
		"unmask":      {"unmask nosuch"},
		"trigger":     {"trigger web", "trigger timed", "trigger nosuch"},
		"compress":    {"compress"},
		"with-env":    {"with-env -- /bin/true true"},
		"wait":        {"wait -t 100ms tcp://127.0.0.1:9"},
		"completion":  {"completion bash"},
		"version":     {"version"},
		"shutdown":    nil, // the last one
	}
}

// failures are configurations that something is wrong with. Each is added to the good one.
func (a *aviary) failures() map[string]string {
	return map[string]string{
		"failing-template.conf": `[template:DIR/out/broken.conf]
source = DIR/broken.tmpl
`,
		"failing-check.conf": `[template:DIR/out/checked.conf]
source = DIR/all.tmpl
check = cat {file}; cat {file} >&2; echo $DATABASE_URL $OVERLAPPING; for i in "" x xx; do echo "$i$OF_ENVIRONMENT, $OF_DIRECTORY" | base64; done; echo "$OVERLAPPING" | od -An -tx1 | tr -d " "; false
[check:all]
command = cat {staged:DIR/out/checked.conf}; env; false
`,
		"failing-contract.conf": `[env:OF_ENVIRONMENT]
type = int
[env:OF_ENV_D]
type = enum
values = a, b
[env:OF_DIRECTORY]
type = port
[env:OF_PROGRAM]
type = duration
[env:DATABASE_URL]
type = int
[env:DERIVED]
type = size
[env:OF_DEFAULT]
pattern = [0-9]
`,
		"failing-default.conf": `[env:BROKEN]
default = {{ fail .Env.OF_ENVIRONMENT }}
`,
		"failing-config.conf": `[program:broken]
command = /bin/sleep
startsecs = %(ENV_OF_ENVIRONMENT)s
priority = %(ENV_DATABASE_URL)s
autorestart = %(ENV_OF_ENVIRONMENT)s
`,
		"failing-probe.conf": `[program:web]
health = nosuch://me:` + a.plant("probe that is none") + `@host/
`,
		"failing-command.conf": `[program:broken]
command = /nosuch/%(ENV_OF_ENVIRONMENT)s
`,
		"failing-words.conf": `[program:broken]
command = /bin/echo '%(ENV_OF_ENVIRONMENT)s
`,
		"failing-user.conf": `[template:DIR/out/all.conf]
owner = %(ENV_OF_ENVIRONMENT)s
`,
		"failing-link.conf": `[link:nosuch]
port = 1
required = true
host = nosuch.invalid
[link:search]
wait = 200ms
required = true
`,
		"failing-source.conf": `[slipway]
sources = env.d, environment, secrets, demo, leaky
[source:leaky]
login = ` + a.plant("secret setting of a source") + `
token = ` + a.plant("setting of a source with the name of a secret") + `
url = http://me:` + a.plant("userinfo of a setting") + `@host/
secret = login, token
`,
	}
}

func (a *aviary) writeFailures() []string {
	a.write("broken.tmpl", `{{ fail .Env.OF_ENVIRONMENT }}
{{ envInt "OF_ENV_D" }} {{ envBool "OF_DIRECTORY" }} {{ envDuration "OF_PROGRAM" }} {{ envSize "DATABASE_URL" }}
{{ fail (kv "/demo/key") }} {{ required .Env.OF_VOLUME "" }} {{ index (list 1) (.Env.OF_NAME_FILE | len) }}
{{ with urlParse .Env.DATABASE_URL }}{{ fail .userinfo }}{{ end }}
{{ fail .Env.OVERLAPPING }} {{ fail (b64enc .Env.OF_ENVIRONMENT) }} {{ fail (urlquery .Env.OF_ENV_D | printf "%x") }} {{ fail (toJson (list .Env.OF_FILE)) }}
{{ fail .Env.SHADOWED }} {{ fail .Env.DERIVED }} {{ fail .Data.limits.replica }}
`)
	good, err := os.ReadFile(filepath.Join(a.dir, "app.conf"))
	if err != nil {
		a.t.Fatal(err)
	}
	a.script("slipway-source-leaky", `tr '\n' ' ' >&2; exit 69`)
	a.secret("fixtures.env", "OF_ENVIRONMENT="+a.plant("fixtures")+"\nSEARCH_URL=http://me:"+a.plant("fixtures' userinfo")+"@search:9200\n/app/secret/key="+a.plant("fixtures' key")+"\n")
	a.secret("keys.yaml", "secret:\n  key: "+a.plant("etcd")+"\n  more: "+a.plant("written key")+"\nurl: http://me:"+a.plant("userinfo of a written key")+"@host/\n")
	a.write("confd/conf.d/app.toml", "[template]\nsrc = \"app.tmpl\"\ndest = \"/etc/app.conf\"\n")
	a.write("confd/templates/app.tmpl", "{{getv \"/key\"}}\n")
	var names []string
	for name, text := range a.failures() {
		a.secret(name, "[include]\nfiles = tail-"+name+"\n"+string(good))
		a.secret("tail-"+name, strings.ReplaceAll(text, "DIR", a.dir))
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// forms are the words that --output takes. supervisor-json is left out: it gives a file
// the meaning that Supervisor gives it, whole, to be compared with Supervisor's.
func forms(c *cobra.Command) []string {
	f := c.Flags().Lookup("output")
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(strings.Split(f.Value.Type(), "|"), func(form string) bool { return form == "supervisor-json" })
}

// everything runs every command in every form, and every failure.
func (a *aviary) everything() {
	a.t.Helper()
	lines := commandLines()
	failing := a.writeFailures()
	for _, e := range registry() {
		known, ok := lines[e.word]
		if !ok {
			a.t.Errorf("no line for slipway %s: what it prints is not looked at", e.word)
		}
		for _, line := range known {
			args := strings.Fields(line)
			a.run(args...)
			for _, form := range forms(e.make(testApp())) {
				a.run(slices.Insert(slices.Clone(args), 1, "--output", form)...)
			}
		}
	}
	for _, line := range []string{"status", "avail", "maintail", "tail web", "reread", "pid", "version", "nosuch"} {
		if status, out := a.runAs("supervisorctl", append([]string{"-c", "app.conf"}, strings.Fields(line)...)...); status != 0 && line == "avail" {
			a.t.Errorf("supervisorctl %s = %d: %s", line, status, out)
		}
	}
	for _, file := range failing {
		if status, out := a.run("run", "-c", file); status == 0 {
			a.t.Errorf("slipway run -c %s ends with 0, and was to show a failure\n%s", file, out)
		}
		if a.brief {
			continue
		}
		for _, line := range []string{"exec", "render --diff", "render --output json", "check", "check --fixtures fixtures.env", "env", "env --output json", "links", "inspect", "layers"} {
			args := append(strings.Fields(line), "-c", file)
			if line == "exec" {
				args = append(args, "--", "true")
			}
			a.run(args...)
		}
	}
}

// rotate changes what can change, so that the files are rendered anew, and that fails.
func (a *aviary) rotate() {
	a.t.Helper()
	// web is never well, so the change is taken back: the log has it for longer than the file.
	rendered := func() int {
		log, err := os.ReadFile(filepath.Join(a.dir, "activity.log"))
		if err != nil {
			a.t.Fatal(err)
		}
		return bytes.Count(log, []byte("/out/all.conf: modify"))
	}
	before := rendered()
	a.secret("secrets/of-directory", a.plant("rotated")+"\n")
	a.run("render", "--diff")
	testkit.Eventually(a.t, testkit.Patience, "a file rendered again", func() error {
		if n := rendered(); n == before {
			return fmt.Errorf("the log has %d changes of it, as before", n)
		}
		return nil
	})
	a.write("all.tmpl", "{{ fail .Env.OF_DIRECTORY }}\n")
	a.run("render")
	testkit.Eventually(a.t, testkit.Patience, "a failure in the log", func() error {
		text, err := os.ReadFile(filepath.Join(a.dir, "activity.log"))
		if err == nil && !bytes.Contains(text, []byte("cannot render again")) {
			err = fmt.Errorf("the log is\n%s", text)
		}
		return err
	})
	a.secret("secrets/of-directory", strings.Repeat("x", 2<<20))
	a.run("render")
	a.secret("env.d/app.env", "OF_ENV_D=\""+a.plant("broken env file")+"\nSHADOWED "+a.plant("broken line of an env file")+"\n")
	a.run("render")
	a.run("env", "--fresh")
	a.write("all.tmpl", "nothing\n")
	a.secret("env.d/app.env", "OF_ENV_D=less\n")
	a.secret("secrets/of-directory", "less\n")
	conf, err := os.ReadFile(filepath.Join(a.dir, "app.conf"))
	if err != nil {
		a.t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(conf), "[template:"+a.dir+"/out/gone.conf]\n")
	section, _, _ = strings.Cut(section, "[")
	a.secret("app.conf", strings.ReplaceAll(string(conf), "[template:"+a.dir+"/out/gone.conf]\n"+section, "")+"\n[program:web]\nstartsecs = %(ENV_OF_ENVIRONMENT)s\nready = nosuch://me:"+a.plant("probe of a reload")+"@host/\n")
	for _, line := range []string{"render --diff", "reread", "update", "enter web -- true", "status"} {
		a.run(strings.Fields(line)...)
	}
	a.secret("app.conf", strings.ReplaceAll(string(conf), "[template:"+a.dir+"/out/gone.conf]\n"+section, ""))
	for _, line := range []string{"render --diff", "render --diff --output json", "render", "render --diff --rollback"} {
		a.run(strings.Fields(line)...)
	}
}

// lookAround fails the test for secrets in logs, in files that others can read, and in
// rendered files that others can read.
func (a *aviary) lookAround() {
	a.t.Helper()
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(a.dir, path)
		if places := a.in(text); len(places) > 0 && (info.Mode().Perm()&0o077 != 0 || strings.HasSuffix(name, ".log")) {
			a.t.Errorf("%s, of mode %04o, holds the secret of: %s", name, info.Mode().Perm(), strings.Join(places, ", "))
		}
		return nil
	})
	if err != nil {
		a.t.Error(err)
	}
}

// watchArguments looks at the arguments of all processes, and at the environment of the
// front, the watcher and source programs, until the function that it returns is called, which
// fails the test for those that hold a secret.
func (a *aviary) watchArguments() (end func()) {
	stop := make(chan struct{})
	found, looked := map[string]bool{}, map[string]bool{}
	var watching sync.WaitGroup
	watching.Go(func() { // until stop; end waits for it
		for tick := time.Tick(20 * time.Millisecond); ; {
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // fails only for a bad pattern
			for _, file := range files {
				text, err := os.ReadFile(file)
				places := a.in(text)
				if err == nil && len(places) > 0 {
					found["arguments of a process hold the secret of "+strings.Join(places, ", ")+": "+strings.ReplaceAll(string(text), "\x00", " ")] = true
				}
				// A command that this test runs has the environment that the test gives it.
				status, _ := os.ReadFile(strings.TrimSuffix(file, "cmdline") + "status")
				if !isOurs(string(text)) || strings.Contains(string(status), fmt.Sprintf("\nPPid:\t%d\n", os.Getpid())) {
					continue
				}
				environ, err := os.ReadFile(strings.TrimSuffix(file, "cmdline") + "environ")
				places = slices.DeleteFunc(a.in(environ), func(place string) bool { // a probe is told what to ask
					return place == "health" && strings.Contains(string(text), "\x00probe")
				})
				if err == nil && len(places) > 0 {
					found["the environment of "+strings.ReplaceAll(string(text), "\x00", " ")+"holds the secret of "+strings.Join(places, ", ")] = true
				}
				if words := strings.Split(string(text), "\x00"); err == nil {
					looked[strings.Join(words[:min(len(words), 2)], " ")] = true
				}
			}
			select {
			case <-stop:
				return
			case <-tick:
			}
		}
	})
	return func() {
		a.t.Helper()
		close(stop)
		watching.Wait()
		for what := range found {
			a.t.Error(what)
		}
		for _, what := range []string{"slipway serve", "slipway watch"} {
			if !looked[what] {
				a.t.Errorf("the environment of %s was not looked at, but those of %v", what, slices.Collect(maps.Keys(looked)))
			}
		}
	}
}

// isOurs reports whether a process beside the supervisor is called so that is no program.
func isOurs(args string) bool {
	name, rest, _ := strings.Cut(args, "\x00")
	if filepath.Base(name) == "sh" { // a script
		name, _, _ = strings.Cut(rest, "\x00")
	}
	word, _, _ := strings.Cut(rest, "\x00")
	return strings.Contains(name, "slipway-source-") || name == "slipway" && slices.Contains([]string{"serve", "watch", "probe", "compress"}, word)
}

// ask looks at what a request of the web server shows.
func (a *aviary) ask(method, path, body string) {
	a.t.Helper()
	client := &http.Client{Timeout: testkit.Patience, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", a.dir+"/run/web.sock")
	}}}
	req, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.SetBasicAuth("me", a.plant("socket password"))
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	if resp.StatusCode >= 400 && path != "/nosuch" {
		a.t.Errorf("%s %s = %s\n%s", method, path, resp.Status, text)
	}
	if places := a.in(text); len(places) > 0 {
		a.t.Errorf("%s %s shows the secret of: %s\n%s", method, path, strings.Join(places, ", "), text)
	}
}

// askAll asks for each page, and for each answer that describes something.
func (a *aviary) askAll() {
	a.t.Helper()
	for _, path := range []string{"/", "/tail.html?processname=web", "/metrics", "/nosuch"} {
		a.ask("GET", path, "")
	}
	for _, call := range []string{
		"supervisor.getAllProcessInfo", "supervisor.getAllConfigInfo", "supervisor.getState", "supervisor.getIdentification",
		"supervisor.reloadConfig", "supervisor.readLog 0 100000", "supervisor.readProcessLog web 0 100000", "supervisor.getProcessInfo web", "system.listMethods",
	} {
		words := strings.Fields(call)
		body := "<?xml version=\"1.0\"?><methodCall><methodName>" + words[0] + "</methodName><params>"
		for _, word := range words[1:] {
			kind := "string"
			if _, err := strconv.Atoi(word); err == nil {
				kind = "int"
			}
			body += "<param><value><" + kind + ">" + word + "</" + kind + "></value></param>"
		}
		a.ask("POST", "/RPC2", body+"</params></methodCall>")
	}
}

// finish ends the supervisor, and looks at what it has printed.
func (a *aviary) finish() {
	a.t.Helper()
	a.run("shutdown")
	status, out := a.wait()
	if places := a.in([]byte(out)); status != 0 || len(places) > 0 {
		a.t.Errorf("slipway run = %d, and shows the secret of: %s\n%s", status, strings.Join(places, ", "), out)
	}
}

// TestNoSecretIsShown is about all sources but etcd.
func TestNoSecretIsShown(t *testing.T) {
	newAviary(t, "").fly()
}

// TestNoSecretOfEtcdIsShown has a real server, with a password, besides.
func TestNoSecretOfEtcdIsShown(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "3.7"})
	a := newAviary(t, `
[etcd]
endpoints = `+s.Endpoint+`
prefix = /app/
secret_prefix = /app/secret/
export = /app/export
user = root
password = {etcd password}
`)
	a.environ = append(a.environ, "SLIPWAY_ETCD_PASSWORD="+a.plant("variable of the etcd password"))
	etcdctl(t, s, "put", "/app/secret/key", a.plant("etcd"))
	etcdctl(t, s, "put", "/app/export/of_etcd", "http://me:"+a.plant("userinfo of etcd")+"@host/")
	etcdctl(t, s, "user", "add", "root:"+a.plant("variable of the etcd password"))
	etcdctl(t, s, "user", "grant-role", "root", "root")
	etcdctl(t, s, "auth", "enable")
	a.brief = true
	a.fly()
}

// fly is the whole of a test.
func (a *aviary) fly() {
	a.t.Helper()
	testkit.Need(a.t, testkit.Linux)
	end := a.watchArguments()
	a.begin()
	text, err := os.ReadFile(filepath.Join(a.dir, "out/all.conf"))
	if err != nil {
		a.t.Fatal(err)
	}
	if len(a.in(text)) < 12 { // or the test looks for nothing
		a.t.Errorf("the rendered file holds the secrets of %s alone\n%s", strings.Join(a.in(text), ", "), text)
	}
	a.everything()
	a.askAll()
	a.lookAround()
	a.rotate()
	a.finish()
	a.lookAround()
	end()
}

// etcdctl runs the client against a server.
func etcdctl(t *testing.T, s *etcdtest.Server, args ...string) string {
	t.Helper()
	return etcdctlWith(t, s, "", args...)
}

// txn makes changes in one transaction.
func txn(t *testing.T, s *etcdtest.Server, changes ...string) {
	t.Helper()
	etcdctlWith(t, s, "\n"+strings.Join(changes, "\n")+"\n\n\n", "txn")
}

// etcdctlWith runs etcdctl with something on standard input.
func etcdctlWith(t *testing.T, s *etcdtest.Server, stdin string, args ...string) string {
	t.Helper()
	testkit.Need(t, "etcdctl")
	// Its own limit is 5 s, which a busy machine may take.
	flags := []string{"--endpoints", s.Endpoint, "--command-timeout", testkit.Patience.String(), "--dial-timeout", testkit.Patience.String()}
	if s.Files.CA != "" {
		flags = append(flags, "--cacert", s.Files.CA)
	}
	cmd := exec.Command("etcdctl", append(flags, args...)...)
	cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("etcdctl %v: %v\n%s", args, err, out)
	}
	return string(out)
}
