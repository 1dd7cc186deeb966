package containers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// Whoever the container runs as is to read it, under any umask and in a
	// test's folder that is its owner's alone.
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// says waits until the container has printed a text.
func says(t *testing.T, c *testkit.Container, text string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, fmt.Sprintf("container prints %q", text), func() error {
		if strings.Contains(c.Logs(t), text) {
			return nil
		}
		if state := c.Inspect(t, "{{.State.Status}} {{.State.ExitCode}}"); strings.HasPrefix(state, "exited") {
			t.Fatalf("container has %s:\n%s", state, c.Logs(t))
		}
		return errors.New("not yet")
	})
}

// server prints who it is, then runs until TERM and says goodbye.
const server = `/bin/sh -c 'echo up as $(id -u); trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'`

// TestUnprivileged: whatever is taken away, the program runs, the supervisor
// answers, and the end is orderly.
func TestUnprivileged(t *testing.T) {
	build(t)
	for _, tt := range []struct {
		name  string
		flags []string
		uid   string
	}{
		{"root with everything", nil, "0"},
		{"random user id, group root", []string{"--user", "1000610000:0"}, "1000610000"},
		{"read-only root, /run in memory", []string{"--read-only", "--tmpfs", "/run"}, "0"},
		{"read-only root, nothing writable", []string{"--read-only"}, "0"},
		{"random user id, nothing writable", []string{"--user", "1000610000:0", "--read-only"}, "1000610000"},
		{"no capabilities, no new privileges", []string{
			"--user", "1000610000:0", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}, "1000610000"},
		{"behind another init", []string{"--init"}, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := testkit.Run(t, testkit.RunOptions{
				Image: image, Flags: configured(t, program("web", server), tt.flags...),
			})
			says(t, c, "up as "+tt.uid)
			testkit.Eventually(t, testkit.Patience, "status says RUNNING", func() error {
				out, status := c.Exec(t, "slipway", "status")
				if status != 0 || !strings.Contains(out, "RUNNING") {
					return fmt.Errorf("exit status %d: %s", status, out)
				}
				return nil
			})
			if out, err := exec.Command("docker", "exec", "-u", "0", c.ID, "slipway", "status").CombinedOutput(); err != nil {
				t.Errorf("root cannot ask: %v\n%s", err, out)
			}
			// Whoever ends only by the KILL after the grace has no status 0.
			c.Stop(t, time.Minute)
			if status := c.ExitStatus(t, testkit.Patience); status != 0 {
				t.Errorf("exit status after docker stop = %d, want 0", status)
			}
			if log := c.Logs(t); !strings.Contains(log, "bye") {
				t.Errorf("the program was not told to stop:\n%s", log)
			}
		})
	}
}

// TestRuntimeOfTheConfiguration: commands find a supervisor whose folder only a file
// names.
func TestRuntimeOfTheConfiguration(t *testing.T) {
	build(t)
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, "[slipway]\nruntime=/var/own\n"+program("web", server))})
	says(t, c, "up as 0")
	if out, status := c.Exec(t, "slipway", "status"); status != 0 && status != 1 || !strings.Contains(out, "web") {
		t.Errorf("slipway status = %d: %s", status, out)
	}
	c.MustExec(t, "test", "-S", "/var/own/control.sock")
}

// TestSharedPIDNamespace: not being PID 1 is fine, and the end of one container
// is not the end of what shares its namespace.
func TestSharedPIDNamespace(t *testing.T) {
	build(t)
	neighbour := testkit.Run(t, testkit.RunOptions{Image: image, Args: []string{"exec", "--", "sleep", "1000"}})
	c := testkit.Run(t, testkit.RunOptions{
		Image: image, Flags: configured(t, program("web", server), "--pid", "container:"+neighbour.ID),
	})
	says(t, c, "up as 0")
	c.Stop(t, time.Minute)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("exit status after docker stop = %d, want 0", status)
	}
	if state := neighbour.Inspect(t, "{{.State.Status}}"); state != "running" {
		t.Errorf("the container that shares the PID namespace is %s, want running", state)
	}
}

// TestExitStatus: the container ends when and how its main program does.
func TestExitStatus(t *testing.T) {
	build(t)
	for _, tt := range []struct {
		name string
		ini  string
		args []string
		want int
		say  string
	}{
		{name: "command instead of programs", args: []string{"sh", "-c", "echo hello; exit 3"}, want: 3, say: "hello"},
		{name: "exec", args: []string{"exec", "--", "sh", "-c", "exit 4"}, want: 4},
		{name: "run with a command", args: []string{"run", "--", "sh", "-c", "echo main; exit 5"}, want: 5, say: "main"},
		{name: "command not found", args: []string{"exec", "--", "/no/such/command"}, want: 127, say: "/no/such/command"},
		{name: "command not executable", args: []string{"exec", "--", "/etc/passwd"}, want: 126, say: "/etc/passwd"},
		{
			name: "fatal program", want: 3, say: "web",
			ini: program("web", "/bin/sh -c 'exit 3'", "startretries=1"),
		},
		{
			name: "on_exit = shutdown", want: 6, say: "working",
			ini: program("web", "/bin/sh -c 'echo working; sleep 2; exit 6'", "on_exit=shutdown", "autorestart=false") +
				program("side", "/bin/sleep 1000"),
		},
		{
			name: "on_exit = shutdown by a signal", want: 128 + 9, say: "working",
			ini: program("web", "/bin/sh -c 'echo working; sleep 2; kill -9 $$'", "on_exit=shutdown", "autorestart=false"),
		},
		{
			name: "all programs done", want: 0, say: "once",
			ini: program("job", "/bin/sh -c 'echo once'", "autorestart=false", "startsecs=0"),
		},
		{name: "bad configuration", want: 78, say: "test.conf:3", ini: "[program:web]\ncommand=/bin/true\nautorestart=allways\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := testkit.RunOptions{Image: image, Args: tt.args}
			if tt.ini != "" {
				o.Flags = configured(t, tt.ini)
			}
			c := testkit.Run(t, o)
			if got := c.ExitStatus(t, testkit.Patience); got != tt.want {
				t.Errorf("exit status = %d, want %d\n%s", got, tt.want, c.Logs(t))
			}
			if log := c.Logs(t); !strings.Contains(log, tt.say) {
				t.Errorf("log has no %q:\n%s", tt.say, log)
			}
		})
	}
}

// TestFrontIsNobody: who speaks HTTP with strangers is not root, and answers all the
// same.
func TestFrontIsNobody(t *testing.T) {
	build(t)
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t,
		"[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"+
			program("web", server))})
	says(t, c, "up as 0")
	answer := c.MustExec(t, "wget", "-q", "-O", "-", "--header", "Content-Type: text/xml",
		"--post-data", "<methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>", "http://127.0.0.1:9001/RPC2")
	if !strings.Contains(answer, "<string>web</string>") {
		t.Errorf("the answer over HTTP is %q", answer)
	}
	found := c.MustExec(t, "sh", "-c", `for p in /proc/[0-9]*; do
		case "$(tr '\0' ' ' <$p/cmdline 2>/dev/null)" in "slipway serve "*)
			grep -E '^(Uid|Groups|CapEff)' $p/status ;;
		esac; done`)
	var uid int
	if _, err := fmt.Sscanf(found, "Uid:\t%d", &uid); err != nil || uid < 61184 || uid > 65519 {
		t.Errorf("the HTTP front is user %d (%v), want one of the numbers that nobody has:\n%s", uid, err, found)
	}
	if want := "CapEff:\t0000000000000000"; !strings.Contains(found, want) {
		t.Errorf("the HTTP front has no %q:\n%s", want, found)
	}
}

// TestDestinationNotWritable: a user id that may not write where a template is to
// go gets the name of the place and of itself, and nothing is started.
func TestDestinationNotWritable(t *testing.T) {
	build(t)
	flags := configured(t, program("web", server)+"[template:/etc/app.conf]\nsource=/etc/app.tmpl\n", "--user", "1000610000:0")
	tmpl := t.TempDir() + "/app.tmpl"
	write(t, tmpl, "x = {{ .Env.HOSTNAME }}\n")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: append(flags, "-v", tmpl+":/etc/app.tmpl:ro")})
	if got := c.ExitStatus(t, testkit.Patience); got != 73 {
		t.Errorf("exit status = %d, want 73", got)
	}
	log := c.Logs(t)
	for _, want := range []string{"/etc/app.conf", "1000610000"} {
		if !strings.Contains(log, want) {
			t.Errorf("log has no %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "up as") {
		t.Errorf("the program was started although its file could not be written:\n%s", log)
	}
}

// TestLinks: the variables of a real engine, under --link with two aliases and
// the variables of the peer's own environment.
func TestLinks(t *testing.T) {
	build(t)
	peer := testkit.Run(t, testkit.RunOptions{
		Image: image, Flags: []string{"--expose", "9200", "--expose", "9300", "-e", "SECRET_TOKEN=hunter2"}, Args: []string{"exec", "--", "sleep", "1000"},
	})
	c := testkit.Run(t, testkit.RunOptions{
		Image: image,
		Flags: []string{"--link", peer.ID + ":elasticsearch", "--link", peer.ID + ":other-name"},
		Args:  []string{"links"},
	})
	if got := c.ExitStatus(t, testkit.Patience); got != 0 {
		t.Errorf("exit status = %d, want 0", got)
	}
	log := c.Logs(t)
	for _, want := range []string{"elasticsearch", "9200", "9300", peer.IP(t)} {
		if !strings.Contains(log, want) {
			t.Errorf("slipway links does not name %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "hunter2") {
		t.Errorf("slipway links shows a variable of the peer's environment:\n%s", log)
	}
}
