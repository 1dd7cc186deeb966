package tomcat_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

var update = flag.Bool("update", false, "write the table of the README anew")

// The README shows what the image needs.
func TestReadme(t *testing.T) {
	build(t)
	table := testkit.MustDocker(t, "run", "--rm", image("webapp"), "inspect", "--output", "markdown")
	testkit.Section(t, "README.md", "slipway inspect", table, *update)
}

// One image, unchanged, wherever its peer is known from: the same page.
func TestWaysToThePeer(t *testing.T) {
	build(t)
	t.Run("link", func(t *testing.T) {
		es, app := startLinked(t, "webapp")
		wantSame(t, app, es, es.IP(t))
	})
	t.Run("DNS of a user-defined network", func(t *testing.T) {
		network := testkit.Network(t)
		es := testkit.Run(t, testkit.RunOptions{Image: image("es"), Flags: []string{"--network", network, "--network-alias", "elasticsearch"}})
		app := testkit.Run(t, testkit.RunOptions{Image: image("webapp"), Flags: []string{"--network", network}})
		wantSame(t, app, es, "elasticsearch")
	})
	t.Run("variables of Kubernetes", func(t *testing.T) {
		es := testkit.Run(t, testkit.RunOptions{Image: image("es")})
		var flags []string
		for name, text := range map[string]string{
			"SERVICE_HOST": "IP", "SERVICE_PORT": "9200", "PORT": "tcp://IP:9200", "PORT_9200_TCP": "tcp://IP:9200",
			"PORT_9200_TCP_PROTO": "tcp", "PORT_9200_TCP_PORT": "9200", "PORT_9200_TCP_ADDR": "IP",
		} {
			flags = append(flags, "-e", "ELASTICSEARCH_"+name+"="+strings.ReplaceAll(text, "IP", es.IP(t)))
		}
		wantSame(t, testkit.Run(t, testkit.RunOptions{Image: image("webapp"), Flags: flags}), es, es.IP(t))
	})
}

func wantSame(t *testing.T, app, es *testkit.Container, address string) {
	t.Helper()
	if got, want := page(t, app), wantPageAt(t, address, es, "INFO"); got != want {
		t.Errorf("page is\n%swant\n%s", got, want)
	}
}

// The log level comes from etcd, with TLS and a user. The server is away at first; a changed
// key reaches the page; a bad one changes nothing; and a restart without the server goes on
// with the last good level.
func TestLogLevelFromEtcd(t *testing.T) {
	build(t)
	for _, version := range etcdtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := "slipway-example/etcd-" + version
			testkit.Build(t, server, testkit.Context{
				"Dockerfile": {Text: "ARG DEBIAN\nFROM ${DEBIAN}\nCOPY etcd /etcd\nENTRYPOINT [\"/etcd\"]\n"},
				"etcd":       {From: etcdtest.Executable(t, version)},
			}, "--build-arg", "DEBIAN="+testkit.DebianImage)
			tls := t.TempDir()
			etcdtest.Certificates(t, tls)
			if err := os.WriteFile(filepath.Join(tls, "password"), []byte("hunter2\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			network := testkit.Network(t)
			etcd := testkit.Run(t, testkit.RunOptions{
				Image: server, Flags: []string{"--network", network, "--network-alias", "etcd.test", "-v", tls + ":/tls:ro"},
				Args: []string{
					"--name", "one", "--data-dir", "/data", "--logger", "zap", "--listen-client-urls", "https://0.0.0.0:2379",
					"--advertise-client-urls", "https://etcd.test:2379", "--cert-file", "/tls/server.pem", "--key-file", "/tls/server.key",
				},
			})
			prepare(t, etcd)
			etcd.Stop(t, 10*time.Second)

			es := testkit.Run(t, testkit.RunOptions{Image: image("es"), Flags: []string{"--network", network, "--network-alias", "elasticsearch"}})
			flags := []string{"--network", network, "-v", tls + ":/tls:ro"}
			for _, setting := range []string{
				"ENDPOINTS=https://etcd.test:2379", "CA_FILE=/tls/ca.pem", "USER=webapp", "PASSWORD_FILE=/tls/password", "PREFIX=/webapp/", "EXPORT=/webapp/env", "START=cached",
			} {
				flags = append(flags, "-e", "SLIPWAY_ETCD_"+setting)
			}
			app := testkit.Run(t, testkit.RunOptions{Image: image("webapp"), Flags: flags})
			testkit.Eventually(t, testkit.Patience, "it says that it waits", func() error {
				if log := app.Logs(t); !strings.Contains(log, "cannot read etcd at https://etcd.test:2379") || !strings.Contains(log, "trying until") {
					return fmt.Errorf("its log is %q", log)
				}
				return nil
			})
			testkit.MustDocker(t, "start", etcd.ID)
			if got, want := page(t, app), wantPageAt(t, "elasticsearch", es, "WARN"); got != want {
				t.Errorf("page is\n%swant\n%s", got, want)
			}
			got := app.MustExec(t, "slipway", "env", "--explain", "LOG_LEVEL")
			for _, want := range []string{"LOG_LEVEL = WARN\n  from etcd /webapp/env/log_level at revision ", "shadows INFO\n    from /etc/slipway/env.d/webapp.env:2"} {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			shows := func(level string) {
				t.Helper()
				want := wantPageAt(t, "elasticsearch", es, level)
				testkit.Eventually(t, testkit.Patience, "the page shows "+level, func() error {
					got, err := get("http://" + app.IP(t) + ":8080/")
					if err == nil && got != want {
						err = fmt.Errorf("it is\n%s", got)
					}
					return err
				})
			}
			put := func(level string) {
				t.Helper()
				testkit.Eventually(t, testkit.Patience, "etcd answers", func() error {
					return etcdctl(t, etcd, "--user", "root:hunter3", "put", "/webapp/env/log_level", level)
				})
			}
			put("DEBUG")
			shows("DEBUG")
			put("LOUD")
			testkit.Eventually(t, testkit.Patience, "the value is refused", func() error {
				out, _ := app.Exec(t, "slipway", "status")
				if !strings.Contains(out, "is refused: ") || !strings.Contains(out, "LOG_LEVEL") {
					return fmt.Errorf("status says %q", out)
				}
				return nil
			})
			if file := app.MustExec(t, "cat", "/etc/webapp/log4j.properties"); !strings.Contains(file, "log4j.rootLogger=DEBUG") {
				t.Errorf("the file is\n%s", file)
			}
			etcd.Stop(t, 10*time.Second)
			app.Restart(t)
			shows("DEBUG")
			if log := app.Logs(t); !strings.Contains(log, "; the values are those of revision ") {
				t.Errorf("the log does not say that the start went on with kept values:\n%s", log)
			}
			testkit.MustDocker(t, "start", etcd.ID)
			put("ERROR")
			shows("ERROR")
		})
	}
}

// prepare puts the key and the user into a server.
func prepare(t *testing.T, etcd *testkit.Container) {
	t.Helper()
	testkit.Need(t, "etcdctl")
	testkit.Eventually(t, testkit.Patience, "etcd answers", func() error { return etcdctl(t, etcd, "put", "/webapp/env/log_level", "WARN") })
	for _, line := range []string{
		"role add reader", "role grant-permission reader read --prefix=true /webapp/", "user add webapp:hunter2", "user grant-role webapp reader",
		"user add root:hunter3", "user grant-role root root", "auth enable",
	} {
		if err := etcdctl(t, etcd, strings.Fields(line)...); err != nil {
			t.Fatal(err)
		}
	}
}

// etcdctl runs etcdctl against the server of a container.
func etcdctl(t *testing.T, etcd *testkit.Container, args ...string) error {
	t.Helper()
	cmd := exec.Command("etcdctl", append([]string{"--endpoints", "https://" + etcd.IP(t) + ":2379", "--insecure-transport=false", "--insecure-skip-tls-verify"}, args...)...)
	cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("etcdctl %v: %w\n%s", args, err, out)
	}
	return nil
}
