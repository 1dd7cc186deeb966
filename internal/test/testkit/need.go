package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"slices"
	"strings"
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
	Cgroup     Thing = "cgroup"     // control groups of version 2 that root may make
	Supervisor Thing = "supervisor" // Debian's Python supervisord and supervisorctl
	Etcd       Thing = "etcd"       // an etcd server
	Chromium   Thing = "chromium"   // a headless browser
	Java       Thing = "java"       // a JVM, and javac to compile its readers
	GCC        Thing = "gcc"        // a C compiler for helpers without a runtime
	Python     Thing = "python"     // Debian's python3, which Debian's modules belong to
	Oracles    Thing = "oracles"    // tools that tests compare with, built by Go from their modules
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
	case Cgroup:
		return need{probe: hasCgroups, remedy: "run the tests as root where cgroup2 is mounted below /sys/fs/cgroup, writable"}
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
	case Oracles:
		return need{commands: []string{"go"}, remedy: "install Go"}
	case Accounts:
		return need{probe: hasAccounts, remedy: "run the tests on Debian"}
	default:
		return need{commands: []string{string(what)}, remedy: "apt-get install the package that brings " + string(what)}
	}
}

// modest tells the Things that every run uses where they are: what the system
// is, and what comes with any. All others are for runs that ask for them.
func modest(what Thing) bool {
	switch what {
	case Root, Linux, Accounts, Python, "sh", "dash", "bash", "busybox":
		return true
	}
	return false
}

// Need skips the test unless everything in what is there and may be used. It
// fails the test where SLIPWAY_REQUIRE demands what is absent. SLIPWAY_REQUIRE
// is a list of words, separated by commas:
//
//	(empty)  use Go, and what a system has; start no service, container or peer
//	here     use everything that is installed
//	NAME     demand this Thing
//	all      demand everything
func Need(t testing.TB, what ...Thing) {
	t.Helper()
	for _, w := range what {
		switch err, must := look(w); {
		case err == nil:
		case must:
			t.Fatalf("%v, and SLIPWAY_REQUIRE=%s allows no skip", err, os.Getenv(require))
		default:
			t.Skip(err.Error())
		}
	}
}

// Has reports whether what is there and may be used, for a test that does less
// without it. It fails the test where SLIPWAY_REQUIRE demands what is absent.
func Has(t testing.TB, what Thing) bool {
	t.Helper()
	err, must := look(what)
	if err != nil && must {
		t.Fatalf("%v, and SLIPWAY_REQUIRE=%s allows no less", err, os.Getenv(require))
	}
	return err == nil
}

// Required reports whether everything is demanded.
func Required() bool { return slices.Contains(required(), "all") }

const require = "SLIPWAY_REQUIRE"

func required() []string {
	return strings.FieldsFunc(os.Getenv(require), func(r rune) bool { return r == ',' || r == ' ' })
}

// look says why what cannot be used, and whether its absence is a failure.
func look(what Thing) (err error, must bool) {
	words := required()
	must = slices.Contains(words, "all") || slices.Contains(words, string(what))
	if !must && !modest(what) && !slices.Contains(words, "here") {
		return fmt.Errorf("needs %s, which this run does not ask for (SLIPWAY_REQUIRE=%[1]s, here or all)", what), false
	}
	if err := answer(what); err != nil {
		return fmt.Errorf("needs %s: %w (%s)", what, err, needs(what).remedy), must
	}
	return nil, must
}

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
