package containers

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

var update = flag.Bool("update", false, "write docs/reference/needs.md anew")

// need is what a feature does not do without.
type need struct {
	what  string   // as the page has it; "CAP_X" is taken from the container by itself
	calls []string // system calls that a seccomp profile refuses
	flags []string // of docker run, for everything else
	says  string   // what is printed without it: by status, the commands of the feature, or the log
	then  string   // for the page, beside that
}

// feature is one row of docs/reference/needs.md, and its test: with its capabilities and no
// others it works, and without each of its needs it says what is missing, or works otherwise.
type feature struct {
	name  string
	caps  []string // it works with these alone
	ini   string   // beside the program web, or in its place if it has one
	flags []string // of docker run
	do    string   // sh -c, in the container
	works string   // what status, do or the log have
	needs []need
}

const (
	sleeper = "[program:web]\ncommand=/bin/sleep 100000\n"
	asEve   = sleeper + "user=nobody\nstopwaitsecs=1\n"
	inet    = "[inet_http_server]\nport=127.0.0.1:9001\n"
	held    = sleeper + "sockets=s\n[socket:s]\n"
	metrics = "wget -qO- http://127.0.0.1:9001/metrics | head -n 1"
)

// features are all that ask the kernel for more than an ordinary process does.
func features(t testing.TB) []feature {
	mounted := func(name, text string, uid int, perm os.FileMode) string {
		path := t.TempDir() + "/" + name
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 { // else only the page is made
			if err := os.Chown(path, uid, uid); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(path, perm); err != nil {
			t.Fatal(err)
		}
		return path
	}
	template := func(dest, keys string) (ini string, flags []string) {
		return "[template:" + dest + "]\nsource=/x.tmpl\n" + keys, []string{"-v", mounted("x.tmpl", "hello\n", 0, 0o644) + ":/x.tmpl"}
	}
	rendered, source := template("/data/x", "mode=0644\n")
	given, _ := template("/data/x", "owner=nobody:nobody\nmode=0640\n")
	foreign, _ := template("/srv/nobody/x", "mode=0644\n")
	secret := mounted("secret", "T=x\n", 65534, 0o400)
	attribute := func(name, capability, value string) feature {
		return feature{name: "`" + name + " = " + value + "`", caps: []string{capability}, ini: sleeper + name + "=" + value + "\n", works: "RUNNING",
			needs: []need{{what: "CAP_" + capability, says: "couldn't set " + name + " for 'web'", then: "(CAP_" + capability + " is missing)"}}}
	}
	nowhere := need{what: "a folder that can be written: `/run/slipway`, or `/tmp`", flags: []string{"--read-only"}, says: "a name without a file"}
	return []feature{
		{name: "programs, their output, stop, `slipway status`", works: "RUNNING", needs: []need{nowhere}},
		{name: "any user: `docker run --user`", flags: []string{"--user", "4242:4242"}, works: "RUNNING", needs: []need{nowhere}},
		{name: "`user` of a program", caps: []string{"SETUID", "SETGID", "KILL"}, ini: asEve, do: "slipway enter web -- id -un; slipway stop web; slipway start web; slipway status", works: "nobody\nweb: stopped\nweb: started", needs: []need{
			{what: "root", flags: []string{"--user", "4242:4242"}, says: "Can't drop privilege as nonroot user"},
			{what: "CAP_SETUID", says: "couldn't setuid", then: "CAP_SETUID is missing"},
			{what: "CAP_SETGID", says: "couldn't setgroups for 'web': EPERM (CAP_SETGID is missing)"},
			{what: "CAP_KILL", says: "web: it could not be signalled, and may run on", then: "the log has `EPERM (CAP_KILL is missing)`; it ends with the container"},
		}},
		{name: "level `holder`: every descendant is known", works: "holder", needs: []need{
			{what: "signalfd4, ppoll, recvfrom, sendto, prctl", calls: []string{"signalfd4"}, says: "marks", then: "level `marks`, and `level_reason` names the call"},
		}},
		{name: "templates", ini: sleeper + rendered, flags: source, do: "cat /data/x", works: "hello", needs: []need{
			{what: "the target's folder, to be written", flags: []string{"--read-only"}, says: "/data is on a read-only file system"},
			{what: "fsync, syncfs", calls: []string{"fsync", "fdatasync", "syncfs"}, says: "the kernel refuses fsync(2)", then: "nothing is written where the journal is to be kept"},
			{what: "memfd_create", calls: []string{"memfd_create"}, says: "changes are not followed: there is no boot snapshot", then: "rendered at the start only"},
			{what: "inotify_init1, inotify_add_watch", calls: []string{"inotify_init1"}, says: "looking every 2s instead"},
			{what: "flock", calls: []string{"flock"}, says: "do not render twice at once"},
		}},
		{name: "templates in folders of another user", caps: []string{"DAC_OVERRIDE"}, ini: sleeper + foreign, flags: source, do: "cat /srv/nobody/x", works: "hello", needs: []need{
			{what: "CAP_DAC_OVERRIDE", says: "directory /srv/nobody is not writable by uid 0 (CAP_DAC_OVERRIDE is missing)"},
		}},
		{name: "`owner` of a template", caps: []string{"CHOWN", "DAC_OVERRIDE"}, ini: sleeper + given, flags: source, do: "stat -c %U:%G:%a /data/x", works: "nobody:nobody:640", needs: []need{
			{what: "CAP_CHOWN", says: "uid 0 may not give it to another owner (CAP_CHOWN is missing)"},
			{what: "CAP_DAC_OVERRIDE", says: "its present content is not readable by uid 0 (CAP_DAC_OVERRIDE is missing)", then: "rendered once, and not again"},
		}},
		{name: "secret files and `env_file` of another user", caps: []string{"DAC_OVERRIDE"}, flags: []string{"-v", secret + ":/run/secrets/TOKEN:ro"}, works: "RUNNING", needs: []need{
			{what: "CAP_DAC_OVERRIDE", says: "root may not because CAP_DAC_OVERRIDE is missing"},
		}},
		{name: "an HTTP server that is a user of its own", caps: []string{"SETUID", "SETGID", "KILL"}, ini: sleeper + inet, do: metrics, works: "slipway_info", needs: []need{
			{what: "CAP_SETUID", says: "it needs CAP_SETUID and CAP_SETGID", then: "it runs as slipway's own user"},
			{what: "CAP_SETGID", says: "it needs CAP_SETUID and CAP_SETGID", then: "it runs as slipway's own user"},
		}},
		{name: "`[unix_http_server] chown`", caps: []string{"CHOWN"}, ini: sleeper + "[unix_http_server]\nfile=/run/s.sock\nchown=nobody\n", do: "stat -c %U /run/s.sock", works: "nobody", needs: []need{
			{what: "CAP_CHOWN", says: "EPERM", then: "chown CAP_CHOWN"},
		}},
		{name: "`owner` of a `[socket:NAME]`", caps: []string{"CHOWN"}, ini: held + "listen=unix:///run/s.sock\nowner=nobody\nmode=0600\n", do: "stat -c %U:%a /run/s.sock", works: "nobody:600", needs: []need{
			{what: "CAP_CHOWN", says: "it may not be given to its owner (CAP_CHOWN is missing)"},
		}},
		{name: "a socket in a folder of another user", caps: []string{"DAC_OVERRIDE"}, ini: held + "listen=unix:///srv/nobody/s.sock\n", do: "stat -c %F /srv/nobody/s.sock", works: "socket", needs: []need{
			{what: "CAP_DAC_OVERRIDE", says: "its folder may not be written (by root: CAP_DAC_OVERRIDE is missing)"},
		}},
		{name: "a port below 1024, where `ip_unprivileged_port_start` is not 0", caps: []string{"NET_BIND_SERVICE"}, ini: held + "listen=tcp://127.0.0.1:80\n", works: "RUNNING",
			flags: []string{"--sysctl", "net.ipv4.ip_unprivileged_port_start=1024"}, needs: []need{
				{what: "CAP_NET_BIND_SERVICE", says: "ports below 1024 are for root, or with CAP_NET_BIND_SERVICE"},
			}},
		{name: "logs in a folder of another user", caps: []string{"DAC_OVERRIDE"}, ini: "[program:web]\ncommand=/bin/sh -c 'echo out; exec sleep 100000'\nstdout_logfile=/srv/nobody/log\n", do: "cat /srv/nobody/log", works: "out", needs: []need{
			{what: "CAP_DAC_OVERRIDE", says: "cannot write log file \"/srv/nobody/log\": permission denied", then: "the program runs, and lost bytes are counted"},
		}},
		{name: "`run = once`", ini: "[slipway]\nstate_dir=/data/state\n" + sleeper + "[program:job]\ncommand=/bin/true\ntype=oneshot\nrun=once\n", do: "ls /data/state/once", works: "job", needs: []need{
			{what: "`state_dir`, to be written", flags: []string{"--read-only"}, says: "cannot remember that job has completed", then: "it runs again with the next start"},
		}},
		attribute("nice", "SYS_NICE", "-5"),
		attribute("ionice", "SYS_NICE", "realtime:0"),
		attribute("oom_score_adj", "SYS_RESOURCE", "-100"),
		attribute("limit_nofile", "SYS_RESOURCE", "1048577"),
		{name: "`nice`, `ionice`, `oom_score_adj` and limits that take away; `cpu_affinity`, `no_new_privs`, `capabilities = none`, `umask`",
			ini: sleeper + "nice=5\nionice=idle\noom_score_adj=500\nlimit_nofile=100\ncpu_affinity=0\nno_new_privs=true\numask=077\n", works: "RUNNING"},
		{name: "`capabilities` that are kept", caps: []string{"SETPCAP", "NET_RAW", "CHOWN"}, ini: sleeper + "capabilities=NET_RAW\n", works: "RUNNING", needs: []need{
			{what: "CAP_NET_RAW", says: "the supervisor does not have all of them"},
			{what: "CAP_SETPCAP", says: "CAP_SETPCAP is missing"},
		}},
		{name: "`openat2`, `renameat2`, `pidfd_open`, `pidfd_send_signal`, `clone3`, `close_range`, `statx`, `seccomp`, `fallocate`, `copy_file_range`: all refused",
			ini: sleeper + rendered + inet, flags: append([]string{"--security-opt", "seccomp=" + profile(t, "openat2", "renameat2", "pidfd_open", "pidfd_send_signal", "clone3", "close_range", "seccomp", "fallocate", "copy_file_range", "statx")}, source...),
			do: "cat /data/x; " + metrics, works: "hello\n# HELP slipway_info"},
	}
}

// profile is a file with a seccomp profile that refuses system calls with EPERM.
func profile(t testing.TB, names ...string) string {
	t.Helper()
	type rule map[string]any
	text, err := json.Marshal(rule{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []rule{{"names": names, "action": "SCMP_ACT_ERRNO"}}})
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/seccomp.json"
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// shows waits until a container that is started with flags shows a text: in its log, in status or
// in what do prints. docker run itself refuses nothing that a row asks for.
func (f *feature) shows(t *testing.T, text string, flags ...string) {
	t.Helper()
	ini := f.ini
	if !strings.Contains(ini, "[program:web]") {
		ini = sleeper + ini
	}
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, append(flags, f.flags...)...)})
	last := ""
	testkit.Eventually(t, testkit.Patience, "it shows "+text, func() error {
		last = c.Logs(t)
		if !strings.Contains(last, text) && c.Inspect(t, "{{.State.Running}}") == "true" {
			out, _ := c.Exec(t, "sh", "-c", "exec 2>&1; slipway status;"+f.do)
			last += out
		}
		if !strings.Contains(last, text) {
			return fmt.Errorf("%s", last)
		}
		return nil
	})
}

// lacks says whether this machine cannot give a capability to containers, because it is one itself.
func lacks(t *testing.T, caps []string) bool {
	t.Helper()
	bits := map[string]uintptr{"SYS_RESOURCE": unix.CAP_SYS_RESOURCE, "SYS_NICE": unix.CAP_SYS_NICE}
	for _, name := range caps {
		if bit, asked := bits[name]; asked {
			if has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, bit, 0, 0, 0); err != nil || has == 0 {
				t.Logf("not tried here with CAP_%s, which this machine does not have", name)
				return true
			}
		}
	}
	return false
}

// TestNeeds: each feature works with its capabilities alone, and says what is missing where one
// of its needs is not met.
func TestNeeds(t *testing.T) {
	build(t)
	for _, f := range features(t) {
		t.Run(strings.ReplaceAll(f.name, "/", "_"), func(t *testing.T) {
			without := func(dropped string) []string {
				flags := []string{"--cap-drop", "ALL"}
				for _, c := range f.caps {
					if "CAP_"+c != dropped {
						flags = append(flags, "--cap-add", c)
					}
				}
				return flags
			}
			if !lacks(t, f.caps) {
				f.shows(t, f.works, without("")...)
			}
			for _, n := range f.needs {
				flags := append(without(n.what), n.flags...)
				if n.calls != nil {
					flags = append(flags, "--security-opt", "seccomp="+profile(t, n.calls...))
				}
				f.shows(t, n.says, flags...)
			}
		})
	}
}

// TestReferenceOfNeeds: the page is what TestNeeds tests.
func TestReferenceOfNeeds(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What slipway needs\n\n" +
		"Capabilities, system calls, folders that can be written, and root: what each feature needs beyond\n" +
		"an ordinary process, and what happens without it. A feature that is not here needs nothing. Each\n" +
		"row is a container of `TestNeeds`, with `--cap-drop ALL` and the capabilities of the feature.\n\n" +
		"[Run with a read-only root or any user](../how-to/read-only.md) says how such a container is\n" +
		"started, [Supervision](../supervision.md) what levels are.\n\n" +
		"| feature | needs | without it |\n| --- | --- | --- |\n")
	for _, f := range features(t) {
		if len(f.needs) == 0 {
			fmt.Fprintf(&b, "| %s | nothing | it works |\n", f.name)
		}
		for i, n := range f.needs {
			name, what := f.name, n.what
			if i > 0 {
				name = ""
			}
			if n.calls != nil {
				what = "calls: " + what
			}
			then := "`" + n.says + "`"
			if n.then != "" {
				then += ": " + n.then
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, what, then)
		}
	}
	b.WriteString("\nWhat is said comes from `slipway status`, from the command itself or the log. A container that\n" +
		"cannot be started as configured ends with a status of [this table](exit-status.md).\n\n" +
		"Without epoll, eventfd2, accept4, sendmsg or recvmsg there is no supervisor, or no control socket.\n" +
		"No profile that a container engine ships refuses these.\n")
	const page = "../../../docs/reference/needs.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil || string(text) != b.String() {
		t.Errorf("%s is not what the table makes (go test ./internal/test/containers -run Reference -update): %v", page, err)
	}
}
