// Quickstart shows what slipway does, on a machine with Go and nothing else: no
// container, no root.
//
//	go run ./examples/quickstart
//
// It lays out a small image of three layers in a temporary folder, sets the
// variables that `docker run --link` would set, shows the two files that slipway
// renders from them, and runs slipway, which supervises the image's two programs
// until Ctrl-C. In a container all of this is ENTRYPOINT ["slipway"].
package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

//go:embed image
var image embed.FS

// variables are what Docker would have set for --link elasticsearch.
func variables() []string {
	return []string{
		"ELASTICSEARCH_NAME=/webapp/elasticsearch",
		"ELASTICSEARCH_PORT=tcp://10.0.0.7:9200",
		"ELASTICSEARCH_PORT_9200_TCP=tcp://10.0.0.7:9200",
		"ELASTICSEARCH_PORT_9200_TCP_ADDR=10.0.0.7",
		"ELASTICSEARCH_PORT_9200_TCP_PORT=9200",
		"ELASTICSEARCH_PORT_9200_TCP_PROTO=tcp",
		"LOG_LEVEL=debug",
	}
}

func main() {
	status, err := quickstart()
	if err != nil {
		fmt.Fprintf(os.Stderr, "quickstart: error: %v\n", err)
		os.Exit(1)
	}
	os.Exit(status)
}

func quickstart() (status int, err error) {
	dir, err := os.MkdirTemp("", "slipway-quickstart-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)

	say("building slipway")
	if err := build(dir); err != nil {
		return 0, err
	}
	if err := layOut(dir); err != nil {
		return 0, err
	}
	slipway := func(args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(dir, "bin", "slipway"), args...)
		c.Args = append(c.Args, "-c", filepath.Join(dir, "image/etc/slipway/slipway.conf"), "--root", filepath.Join(dir, "root"))
		c.Env = append(variables(), "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), "QUICKSTART="+dir)
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		return c
	}
	say("the container is linked to a search index:", variables()...)
	say("slipway render --diff: what these variables make of two files")
	if err := slipway("render", "--diff").Run(); err != nil {
		return 0, fmt.Errorf("cannot render: %w", err)
	}
	if runtime.GOOS != "linux" {
		say("the supervisor needs Linux; here this is all")
		say("what to try next", next()...)
		return 0, nil
	}
	say("slipway run: the files are written, both programs are supervised; stop them by Ctrl-C")
	return supervise(slipway("run"), signals)
}

// supervise runs slipway until it ends. It gets the signals from us alone, so that
// a terminal does not send each one twice.
func supervise(c *exec.Cmd, signals <-chan os.Signal) (int, error) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("cannot run slipway: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }() // ends with slipway; read below
	for {
		select {
		case s := <-signals:
			_ = c.Process.Signal(s) // if it has ended meanwhile, the other case is next
		case err := <-ended:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				return 0, err
			}
			say(fmt.Sprintf("slipway ended with status %d", c.ProcessState.ExitCode()))
			say("what to try next", next()...)
			return c.ProcessState.ExitCode(), nil
		}
	}
}

// next is what to try after the quickstart, in the folder of the source.
func next() []string {
	return []string{
		"make                              the executables, into bin/",
		"bin/slipway init image            a program, a template and a Dockerfile of your own",
		"docs/tutorial/first-container.md  from an empty container to a supervised nginx",
		"docs/tutorial/supervisord.md      take over an image that has supervisord",
		"docs/README.md                    everything else",
	}
}

func say(text string, lines ...string) {
	fmt.Printf("\n== %s\n", text)
	for _, l := range lines {
		fmt.Printf("   %s\n", l)
	}
}

// build makes the two executables, as an image would have them.
func build(dir string) error {
	c := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, "bin")+"/", "slipway/cmd/slipway", "slipway/cmd/slipway-init")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build slipway: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// layOut copies the image's files, and the file of the distribution into the
// folder that stands for the root directory.
func layOut(dir string) error {
	if err := os.CopyFS(dir, image); err != nil {
		return err
	}
	text, err := fs.ReadFile(image, "image/etc/default/tomcat")
	if err != nil {
		return err
	}
	target := filepath.Join(dir, "root/etc/default/tomcat")
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, text, 0o644)
}
