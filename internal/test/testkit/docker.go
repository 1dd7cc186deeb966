package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dockerTimeout bounds one command of the Docker client that does not build.
const dockerTimeout = Patience

// Container is a container of a test. It is removed when the test ends.
type Container struct {
	ID   string // the engine's full id: never guess by name
	Name string
}

// RunOptions say how a container is started. The zero value is `docker run -d`.
type RunOptions struct {
	Flags []string // before the image: -e, -v, --link, --user, --read-only …
	Image string
	Args  []string // after it
}

// Run starts a container in the background and removes it when the test ends.
// The container's log is shown if the test failed.
func Run(t testing.TB, o RunOptions) *Container {
	t.Helper()
	args := append([]string{"run", "-d"}, o.Flags...)
	out := MustDocker(t, append(append(args, o.Image), o.Args...)...)
	c := &Container{ID: strings.TrimSpace(out)}
	t.Cleanup(func() { c.remove(t) })
	c.Name = strings.TrimPrefix(c.Inspect(t, "{{.Name}}"), "/")
	return c
}

func (c *Container) remove(t testing.TB) {
	if t.Failed() {
		log, _ := docker(context.Background(), "logs", "--tail", "100", c.ID)
		t.Logf("log of container %s:\n%s", c.Name, log)
	}
	if out, err := docker(context.Background(), "rm", "-f", "-v", c.ID); err != nil {
		t.Errorf("cannot remove container %s: %v: %s", c.ID, err, out)
	}
}

// Exec runs a command in the container and returns its output and exit status.
func (c *Container) Exec(t testing.TB, args ...string) (out string, status int) {
	t.Helper()
	out, err := docker(context.Background(), append([]string{"exec", c.ID}, args...)...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out, 0
	case errors.As(err, &exit):
		return out, exit.ExitCode()
	default:
		t.Fatalf("cannot exec %q in container %s: %v", args, c.Name, err)
		return "", 0
	}
}

// MustExec is Exec for a command that must succeed.
func (c *Container) MustExec(t testing.TB, args ...string) string {
	t.Helper()
	out, status := c.Exec(t, args...)
	if status != 0 {
		t.Fatalf("exec %q in container %s: exit status %d\n%s", args, c.Name, status, out)
	}
	return out
}

// Logs returns what the container has printed, stdout and stderr.
func (c *Container) Logs(t testing.TB) string {
	t.Helper()
	return MustDocker(t, "logs", c.ID)
}

// Inspect returns what a Go template makes of the engine's description.
func (c *Container) Inspect(t testing.TB, format string) string {
	t.Helper()
	return strings.TrimSpace(MustDocker(t, "inspect", "-f", format, c.ID))
}

// PID is the number of the container's PID 1 outside of it.
func (c *Container) PID(t testing.TB) int {
	t.Helper()
	var pid int
	if _, err := fmt.Sscan(c.Inspect(t, "{{.State.Pid}}"), &pid); err != nil || pid <= 0 {
		t.Fatalf("container %s does not run (pid %d, %v)", c.Name, pid, err)
	}
	return pid
}

// IP is the container's address on its first network.
func (c *Container) IP(t testing.TB) string {
	t.Helper()
	ip := c.Inspect(t, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{println}}{{end}}")
	ip, _, _ = strings.Cut(ip, "\n")
	if ip == "" {
		t.Fatalf("container %s has no address: %s", c.Name, c.Inspect(t, "{{json .State}}"))
	}
	return ip
}

// Stop is `docker stop` with the given grace, and returns how long it took.
func (c *Container) Stop(t testing.TB, grace time.Duration) time.Duration {
	t.Helper()
	begin := time.Now()
	MustDocker(t, "stop", "-t", fmt.Sprint(int(grace.Seconds())), c.ID)
	return time.Since(begin)
}

// Restart is `docker restart`.
func (c *Container) Restart(t testing.TB) {
	t.Helper()
	MustDocker(t, "restart", c.ID)
}

// Kill sends a signal to PID 1 by the engine.
func (c *Container) Kill(t testing.TB, signal string) {
	t.Helper()
	MustDocker(t, "kill", "-s", signal, c.ID)
}

// ExitStatus waits until the container has ended and returns its exit status.
func (c *Container) ExitStatus(t testing.TB, within time.Duration) int {
	t.Helper()
	var state struct {
		Status   string
		ExitCode int
		Error    string
	}
	Eventually(t, within, "container "+c.Name+" ends", func() error {
		if err := json.Unmarshal([]byte(c.Inspect(t, "{{json .State}}")), &state); err != nil {
			return err
		}
		if state.Status != "exited" {
			return fmt.Errorf("it is %s", state.Status)
		}
		return nil
	})
	if state.Error != "" {
		t.Fatalf("container %s: %s", c.Name, state.Error)
	}
	return state.ExitCode
}

// Top returns the command lines of the container's processes, as `docker top`
// shows them: PID 1 first.
func (c *Container) Top(t testing.TB) []string {
	t.Helper()
	out := MustDocker(t, "top", c.ID, "-eo", "pid,args")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var commands []string
	for _, line := range lines[1:] {
		_, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		commands = append(commands, strings.TrimSpace(args))
	}
	return commands
}

// Network makes a network for the test and removes it afterwards.
func Network(t testing.TB) (name string) {
	t.Helper()
	name = fmt.Sprintf("slipway-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	id := strings.TrimSpace(MustDocker(t, "network", "create", name))
	t.Cleanup(func() {
		if out, err := docker(context.Background(), "network", "rm", id); err != nil {
			t.Errorf("cannot remove network %s: %v: %s", name, err, out)
		}
	})
	return name
}

// MustDocker runs the Docker client, bounded, and returns what it printed; the
// test fails if the client does.
func MustDocker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := docker(context.Background(), args...)
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// docker runs the client. Its stderr goes with the output: that of `docker logs`
// is the container's.
func docker(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, dockerTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("no answer within %v", dockerTimeout)
	}
	return string(out), err
}

// File is one file of a build context.
type File struct {
	From string      // copy this file …
	Text string      // … or write this text
	Mode os.FileMode // zero: 0644, or that of From
}

// Context is a build context: path in the context → file.
type Context map[string]File

// Build builds an image from a context and a Dockerfile in it, under a name of
// which the engine's cache makes a second build cheap. Steps that fetch packages
// use the machine's own network.
func Build(t testing.TB, tag string, files Context, args ...string) {
	t.Helper()
	dir := t.TempDir()
	for path, f := range files {
		if err := f.put(filepath.Join(dir, path)); err != nil {
			t.Fatalf("cannot make build context: %v", err)
		}
	}
	BuildDir(t, tag, dir, args...)
}

// BuildDir is Build for a context that is a directory; args are further flags of
// `docker build`.
func BuildDir(t testing.TB, tag, dir string, args ...string) {
	t.Helper()
	const within = 12 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	begin := time.Now()
	cmd := exec.CommandContext(ctx, "docker", append(append([]string{"build", "--network=host", "-t", tag}, args...), dir)...)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build image %s within %v: %v\n%s", tag, within, err, out)
	}
	t.Logf("image %s built in %v", tag, time.Since(begin).Round(time.Millisecond))
}

func (f File) put(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	data, mode := []byte(f.Text), f.Mode
	if f.From != "" {
		info, err := os.Stat(f.From)
		if err != nil {
			return err
		}
		if data, err = os.ReadFile(f.From); err != nil {
			return err
		}
		if mode == 0 {
			mode = info.Mode().Perm()
		}
	}
	if mode == 0 {
		mode = 0o644
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	// Docker caches by mode too, and the umask is the machine's.
	return os.Chmod(path, mode)
}

// Tree is the build context of a directory: every file of it, by its path there.
func Tree(t testing.TB, dir string) Context {
	t.Helper()
	files := Context{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files[rel] = File{From: path}
		return err
	})
	if err != nil {
		t.Fatalf("cannot read build context: %v", err)
	}
	return files
}
