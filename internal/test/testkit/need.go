package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Thing is something outside of Go that a test needs. Besides the named ones
// every string is a Thing: a command that must be found on PATH.
type Thing string

// The things that take more than a look at PATH, or are known by several names.
const (
	Root       Thing = "root"       // effective user 0: namespaces, other users' files
	Linux      Thing = "linux"      // the supervisor's own kernel
	Docker     Thing = "docker"     // an engine that answers
	Supervisor Thing = "supervisor" // Debian's Python supervisord and supervisorctl
	Etcd       Thing = "etcd"       // an etcd server
	Chromium   Thing = "chromium"   // a headless browser
	Java       Thing = "java"       // a JVM, and javac to compile its readers
	GCC        Thing = "gcc"        // a C compiler for helpers without a runtime
	Python     Thing = "python"     // Debian's python3, which Debian's modules belong to
	Accounts   Thing = "accounts"   // the users nobody, daemon and www-data of Debian
)

// need is what is known of a named Thing.
type need struct {
	commands []string     // all must be found
	probe    func() error // nil: finding the commands is enough
	remedy   string       // what brings it
}

func needs(what Thing) need {
	switch what {
	case Root:
		return need{probe: isRoot, remedy: "run the tests as root"}
	case Linux:
		return need{probe: isLinux, remedy: "run the tests on Linux"}
	case Docker:
		return need{commands: []string{"docker"}, probe: dockerAnswers, remedy: "start a Docker engine"}
	case Supervisor:
		return need{commands: []string{"/usr/bin/supervisord", "/usr/bin/supervisorctl"}, remedy: "apt-get install supervisor"}
	case Etcd:
		return need{commands: []string{"etcd"}, remedy: "apt-get install etcd-server"}
	case Chromium:
		return need{commands: []string{"chromium"}, remedy: "apt-get install chromium"}
	case Java:
		return need{commands: []string{"java", "javac"}, remedy: "apt-get install openjdk-17-jdk-headless"}
	case Python:
		return need{commands: []string{"/usr/bin/python3"}, remedy: "apt-get install python3"}
	case Accounts:
		return need{probe: hasAccounts, remedy: "run the tests on Debian"}
	default:
		return need{commands: []string{string(what)}, remedy: "apt-get install the package that brings " + string(what)}
	}
}

// Need skips the test unless everything in what is there, and fails it instead
// when SLIPWAY_REQUIRE is "all".
func Need(t testing.TB, what ...Thing) {
	t.Helper()
	for _, w := range what {
		err := answer(w)
		if err == nil {
			continue
		}
		text := fmt.Sprintf("needs %s: %v (%s)", w, err, needs(w).remedy)
		if Required() {
			t.Fatalf("%s, and SLIPWAY_REQUIRE=all allows no skip", text)
		} else {
			t.Skip(text)
		}
	}
}

// Has reports whether what is there, for a test that does less without it. It
// fails the test when SLIPWAY_REQUIRE is "all" and what is absent.
func Has(t testing.TB, what Thing) bool {
	t.Helper()
	err := answer(what)
	if err != nil && Required() {
		t.Fatalf("needs %s: %v (%s), and SLIPWAY_REQUIRE=all allows no less", what, err, needs(what).remedy)
	}
	return err == nil
}

// Required reports whether an absent Thing is a failure.
func Required() bool { return os.Getenv("SLIPWAY_REQUIRE") == "all" }

// answers remembers what was probed: an engine is asked once per test process.
var answers sync.Map // Thing → func() error

func answer(what Thing) error {
	f, _ := answers.LoadOrStore(what, sync.OnceValue(func() error {
		n := needs(what)
		for _, c := range n.commands {
			if _, err := exec.LookPath(c); err != nil {
				return fmt.Errorf("no %s on this machine", c)
			}
		}
		if n.probe != nil {
			return n.probe()
		}
		return nil
	}))
	return f.(func() error)()
}

func isRoot() error {
	if uid := os.Geteuid(); uid != 0 {
		return fmt.Errorf("effective user is %d", uid)
	}
	return nil
}

func isLinux() error {
	if runtime.GOOS != "linux" {
		return errors.New("this is " + runtime.GOOS)
	}
	return nil
}

func dockerAnswers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Os}}").CombinedOutput()
	if err != nil {
		return fmt.Errorf("engine does not answer: %w: %s", err, lastLine(out))
	}
	return nil
}

func hasAccounts() error {
	for _, name := range []string{"nobody", "daemon", "www-data"} {
		if _, err := user.Lookup(name); err != nil {
			return err
		}
	}
	return nil
}
