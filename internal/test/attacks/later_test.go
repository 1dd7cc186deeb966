package attacks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// TestFolderSwapped: a folder of eve's is exchanged for a link to a folder of root's, over and
// over, while slipway starts and ends with everything in it that it makes: sockets of [socket:NAME]
// and HTTP, logs, pid file, runtime folder, stamps of run=once, files and their folders.
func TestFolderSwapped(t *testing.T) {
	g := newGround(t)
	foreign, folder, link := filepath.Join(g.dir, "foreign"), filepath.Join(g.folder, "sub"), filepath.Join(g.folder, "link")
	err := errors.Join(os.Mkdir(foreign, 0o755), os.Mkdir(folder, 0o755), os.Chown(folder, eve, eve), os.Symlink(foreign, link), os.Lchown(link, eve, eve))
	if err != nil {
		t.Fatal(err)
	}
	// One door each, as a start is refused at the first one that is not as it should be.
	const once = "[program:once]\ncommand = true\ntype = oneshot\nrun = once\n[program:web]\ncommand = sleep 0.02\nautorestart = false\nstartsecs = 0\n"
	var confs []string
	for i, door := range []string{
		once + "sockets = web\n[socket:web]\nlisten = unix://SUB/web.sock\nmode = 0666\n",
		once + "[unix_http_server]\nfile = SUB/http.sock\n",
		once + "stdout_logfile = SUB/out\n[supervisord]\npidfile = SUB/pid\nlogfile = SUB/log\n",
		once + "[slipway]\nstate_dir = SUB/state\n",
		once + "[slipway]\nruntime = SUB/run\n",
		once + "[template:SUB/new/x]\nsource = builtin:default-tomcat\nparents = true\n",
		once + "[etcd]\nendpoints = http://127.0.0.1:1\nstart = cached\ncache = SUB/cache\n",
	} {
		if !strings.Contains(door, "[slipway]") {
			door = "[slipway]\nruntime = " + g.dir + "/run\n" + door
		}
		confs = append(confs, filepath.Join(g.dir, fmt.Sprint(i, ".conf")))
		if err := os.WriteFile(confs[i], []byte(strings.ReplaceAll(door, "SUB", folder)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	slipway := testkit.Binaries(t).Slipway
	cmd := exec.Command(g.attacker, "swap", folder, link, foreign, "15")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: eve, Gid: eve}}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // it ends by itself; the test waits for it
	starts := 0
	for attacking := true; attacking; {
		select {
		case err = <-ended:
			attacking = false
		default:
			exec.Command(slipway, "run", "-c", confs[starts%len(confs)]).Run() //nolint:errcheck // it is refused now and then
			starts++
		}
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		t.Errorf("SUCCEEDED: %s", said.String())
	case !errors.As(err, &exit) || exit.ExitCode() != 1:
		t.Errorf("it could not be tried: %v: %s", err, said.String())
	}
	t.Logf("%d starts; %s", starts, said.String())
}

// TestLaterDoors: programs of other users get nothing by what has come since: the process that
// waits for files, holders, notifications, metrics, the variables of files.
func TestLaterDoors(t *testing.T) {
	build(t)
	const address = "127.0.0.1:9001"
	for _, filter := range filters {
		t.Run(filter.name, func(t *testing.T) {
			t.Parallel()
			secret, template := filepath.Join(t.TempDir(), "secret"), filepath.Join(t.TempDir(), "x.tmpl")
			err := errors.Join(os.WriteFile(secret, []byte("STOLEN=correct-horse\n"), 0o600), os.WriteFile(template, []byte("{{ .Env.TOKEN }}\n"), 0o644))
			if err != nil {
				t.Fatal(err)
			}
			c := victim(t, rpc("port="+address+"\nusername=admin\npassword=correct-horse")+`
[template:/tmp/x]
source=/x.tmpl
[program:slow]
command=/bin/sleep 100000
ready=notify
[program:eve]
command=/bin/sh -c 'ln -sf /root.env /tmp/eve.env; sleep 1; env'
user=eve
env_file=-/tmp/eve.env
autorestart=true
startsecs=0
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
`, append([]string{"-e", "TOKEN=correct-horse", "-v", secret + ":/root.env:ro", "-v", template + ":/x.tmpl"}, filter.flags...)...)
			testkit.Eventually(t, testkit.Patience, "the watcher waits", func() error {
				if out := c.MustExec(t, "ps", "-o", "args"); !strings.Contains(out, "wait-for-files") {
					return errors.New(out)
				}
				return nil
			})
			for _, user := range []string{"1000", "65534"} {
				for _, process := range []string{"wait-for-files", "slipway-init run", "slipway-holder"} {
					repelled(t, c, user, "spy", process, "correct-horse")
				}
				repelled(t, c, user, "notify")
				repelled(t, c, user, "read", address, "/metrics")
			}
			testkit.Eventually(t, testkit.Patience, "eve's program has read its env file twice", func() error {
				if log := c.Logs(t); strings.Count(log, "cannot use env_file /tmp/eve.env") < 2 {
					return fmt.Errorf("%s", log)
				}
				return nil
			})
			if log := c.Logs(t); strings.Contains(log, "STOLEN") {
				t.Errorf("SUCCEEDED: a file of root's is read:\n%s", log)
			}
			out, _ := c.Exec(t, "slipway", "status", "slow")
			if !strings.Contains(out, "starting") && !strings.Contains(out, "not ready") {
				t.Errorf("SUCCEEDED: a notification of another user is believed:\n%s", out)
			}
			alive(t, c)
		})
	}
}
