package attacks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// eve is the stranger, who owns the folder that slipway's files are in.
const eve = 1000

// ground is a folder with a file of root's, and a folder of eve's.
type ground struct {
	dir, victim, folder, attacker string
}

// kept is what the file of root's holds: it may be read as a configuration.
const kept = "; nobody else's\n"

func newGround(t *testing.T) ground {
	t.Helper()
	testkit.Need(t, testkit.Linux, testkit.Root)
	tool, err := attacker()
	if err != nil {
		t.Fatalf("cannot build the attackers: %v", err)
	}
	dir, err := os.MkdirTemp("", "planted")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	g := ground{dir: dir, victim: filepath.Join(dir, "victim"), folder: filepath.Join(dir, "eve"), attacker: filepath.Join(dir, "attacker")}
	text, err := os.ReadFile(tool)
	err = errors.Join(err, os.WriteFile(g.attacker, text, 0o755), os.Chmod(g.attacker, 0o755), os.Chmod(dir, 0o755), os.WriteFile(g.victim, []byte(kept), 0o600),
		os.Mkdir(g.folder, 0o755), os.Chown(g.folder, eve, eve))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// intact fails the test if the file of root's is another one now.
func (g *ground) intact(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(g.victim)
	if err != nil || string(text) != kept {
		t.Errorf("SUCCEEDED: the file of root's holds %q, %v", text, err)
	}
	info, err := os.Stat(g.victim)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("SUCCEEDED: the file of root's is of uid %d, with mode %v", st.Uid, info.Mode())
	}
}

// names makes a folder of eve's with as many more names of the file of root's, which are
// numbers. fs.protected_hardlinks would keep eve from making them.
func (g *ground) names(t *testing.T, folder string, n int) {
	t.Helper()
	err := errors.Join(os.Mkdir(folder, 0o755), os.Chown(folder, eve, eve))
	for i := range n {
		err = errors.Join(err, os.Link(g.victim, filepath.Join(folder, strconv.Itoa(i))))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// start starts slipway as root, with its own files and those of a program in eve's folder.
func (g *ground) start(t *testing.T) (status func() error, reopen func(), stop func() string) {
	t.Helper()
	slipway := testkit.Binaries(t).Slipway
	conf := filepath.Join(g.dir, "test.conf")
	ini := fmt.Sprintf(`[slipway]
runtime = %[1]s/run
[supervisord]
pidfile = %[2]s/slipway.pid
logfile = %[2]s/slipway.log
logfile_maxbytes = 100
[program:web]
command = sh -c 'while echo a line of output; do sleep 0.01; done'
stdout_logfile = %[2]s/out.log
stdout_logfile_maxbytes = 50
stdout_logfile_backups = 2
`, g.dir, g.folder)
	if err := os.WriteFile(conf, []byte(ini), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command(slipway, "run", "-c", conf)
	cmd.Env = append(os.Environ(), "SLIPWAY_TERMINATION_LOG="+g.folder+"/termination")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() string {
		if !ended {
			ended = true
			cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
			cmd.Wait()                          //nolint:errcheck // its output tells
		}
		return out.String()
	}
	t.Cleanup(func() { stop() })
	reopen = func() { cmd.Process.Signal(syscall.SIGUSR2) } //nolint:errcheck // status says whether it runs
	status = func() error {
		text, err := exec.Command(slipway, "status", "--socket", g.dir+"/run/control.sock", "web").CombinedOutput()
		if !strings.Contains(string(text), "RUNNING") {
			return fmt.Errorf("%s, %v", text, err)
		}
		return nil
	}
	testkit.Eventually(t, testkit.Patience, "web is RUNNING", status)
	return status, reopen, stop
}

// TestPlantedBefore: what eve has put in the place of files before the start is not written:
// the pid file, the termination log, and logs, the backups of rotation among them.
func TestPlantedBefore(t *testing.T) {
	for _, kind := range []string{"symlink", "hard"} {
		t.Run(kind, func(t *testing.T) {
			g := newGround(t)
			for _, name := range []string{"slipway.pid", "slipway.log", "slipway.log.1", "out.log", "out.log.1", "out.log.2", "termination"} {
				at := filepath.Join(g.folder, name)
				err := os.Symlink(g.victim, at)
				if kind == "hard" {
					err = errors.Join(os.Remove(at), os.Link(g.victim, at))
				} else {
					err = errors.Join(err, os.Lchown(at, eve, eve))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			_, _, stop := g.start(t)
			said := stop()
			g.intact(t)
			for _, name := range []string{"slipway.pid", "slipway.log", "out.log"} {
				if !strings.Contains(said, g.folder+"/"+name) {
					t.Errorf("nothing is said of %s:\n%s", name, said)
				}
			}
		})
	}
}

// TestPlantedMask: the file of a mask is not written through what eve has put in its place.
func TestPlantedMask(t *testing.T) {
	for _, kind := range []string{"symlink", "hard"} {
		t.Run(kind, func(t *testing.T) {
			g := newGround(t)
			conf, at := filepath.Join(g.dir, "test.conf"), filepath.Join(g.folder, "zz-mask-web.conf")
			err := os.WriteFile(conf, []byte("[include]\nfiles = "+g.folder+"/*.conf\n[program:web]\ncommand = sh\n"), 0o644)
			if kind == "hard" {
				err = errors.Join(err, os.Link(g.victim, at))
			} else {
				err = errors.Join(err, os.Symlink(g.victim, at), os.Lchown(at, eve, eve))
			}
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(testkit.Binaries(t).Slipway, "mask", "-c", conf, "web")
			cmd.Env = append(os.Environ(), "SLIPWAY_RUNTIME="+g.dir+"/run")
			text, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(text), "cannot mask web: ") {
				t.Errorf("mask says %s, %v", text, err)
			}
			g.intact(t)
		})
	}
}

// TestPlantedMeanwhile: eve exchanges a log for another name of a file of root's, while the log
// is written and rotated.
func TestPlantedMeanwhile(t *testing.T) {
	for _, kind := range []string{"symlink", "hard"} {
		for _, log := range []string{"out.log", "out.log.1", "slipway.log"} {
			t.Run(kind+" for "+log, func(t *testing.T) {
				g := newGround(t)
				status, reopen, stop := g.start(t)
				rounds, name := testkit.Repeat(t, 500), filepath.Join(g.folder, log)
				if kind == "hard" {
					g.names(t, name+".names", rounds)
				}
				cmd := exec.Command(g.attacker, "plant", kind, name, g.victim, strconv.Itoa(rounds))
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: eve, Gid: eve}}
				var text strings.Builder
				cmd.Stdout, cmd.Stderr = &text, &text
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }() // it ends by itself; the test waits for it
				var err error
				for attacking := true; attacking; {
					select {
					case err = <-ended:
						attacking = false
					default:
						reopen()
						status() //nolint:errcheck // the end of the test asks again
					}
				}
				said := strings.TrimSpace(text.String())
				var exit *exec.ExitError
				switch {
				case err == nil:
					t.Errorf("SUCCEEDED: %s", said)
				case !errors.As(err, &exit) || exit.ExitCode() != 1:
					t.Errorf("it could not be tried: %v: %s", err, said)
				}
				if err := status(); err != nil {
					t.Errorf("the program is down: %v", err)
				}
				stop()
				g.intact(t)
			})
		}
	}
}
