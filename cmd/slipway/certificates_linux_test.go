package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/internal/watcher"
)

// Certificates that are about to end are in status, and in the log once each, while there is
// contact. Those of a source that nobody follows are noted by whoever reads it.
func TestCertificatesAboutToEnd(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		const day = 24 * time.Hour
		s := etcdtest.Start(t, etcdtest.Options{Version: version, TLS: true})
		etcdctl(t, s, "put", "/app/log/level", "debug")
		until := time.Now().Add(10*day + 12*time.Hour)
		etcdtest.CertificatesFor(t, filepath.Dir(s.Files.CA), time.Now().Add(-1000*day), until)
		tls := "ca_file = " + s.Files.CA + "\ncert_file = " + s.Files.ClientCert + "\nkey_file = " + s.Files.ClientKey + "\n"
		c := followed(t, s.Endpoint, tls)
		c.up()
		c.has("out.conf", "level debug")
		whats := []string{
			"the certificate of " + s.Endpoint, `the authority "test authority" of the certificate of ` + s.Endpoint, "the client certificate " + s.Files.ClientCert,
		}
		for _, what := range whats {
			c.prints(what+" ends in 10 days", "status")
			c.has("activity.log", "etcd: "+what+" is about to end, at "+until.UTC().Format(time.RFC3339))
		}
		var list []watcher.Source
		status, out := c.ask("status", "--sources", "--output", "json")
		if err := json.Unmarshal([]byte(out), &list); err != nil || status != 0 || len(list) != 1 || len(list[0].Expires) != len(whats) {
			t.Errorf("status %d, %v: %s", status, err, out)
		}
		etcdctl(t, s, "put", "/app/log/level", "warn")
		c.has("out.conf", "level warn")
		c.kill("slipway-source-etcd")
		c.has("activity.log", "watch: contact to etcd is back")
		testkit.Eventually(t, testkit.Patience, "the source tells of them again", func() error {
			if _, out := c.ask("status", "--sources"); !strings.Contains(out, "in contact") || strings.Count(out, "ends in 10 days") != len(whats) {
				return fmt.Errorf("status prints %s", out)
			}
			return nil
		})
		for _, what := range whats {
			if n := c.times("activity.log", "etcd: "+what); n != 1 {
				t.Errorf("the log tells %d times of %s, want once\n%s", n, what, c.read("activity.log"))
			}
		}
		c.down()

		c = followed(t, s.Endpoint, tls+"watch = false\n")
		if status, out := c.local("render -c app.conf"); status != 0 || !strings.Contains(out, whats[0]+" is about to end, at ") {
			t.Errorf("render = %d, %s", status, out)
		}
	})
}
