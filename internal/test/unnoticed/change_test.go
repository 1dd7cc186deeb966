package unnoticed

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// following is a server whose settings are rendered, and which is restarted for them.
const following = `
[slipway]
templates = DIR/templates
env_dir = DIR/env.d
sources = env.d
quiet = 10ms
[template:DIR/settings]
source = DIR/settings.tmpl
notify = web
` + overlapping

// A section of the configuration that has changed comes into force by slipway update, and no
// request fails meanwhile.
func TestChangedSection(t *testing.T) {
	s, address := supervise(t, overlapping)
	before, err := os.ReadFile(filepath.Join(s.dir, "app.conf"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("settings", "the new ones")
	n := testkit.Repeat(t, 5)
	c := during(t, address, func() {
		for i := range n {
			first := s.pids()["web"]
			s.write("app.conf", strings.Replace(string(before), "SERVER_READY=1", "SERVER_READY=1,SERVER_SETTINGS=DIR/settings,N="+strconv.Itoa(i), 1))
			s.does("update")
			if next := s.pids()["web"]; next == first || next == 0 {
				t.Errorf("web is process %d, and was %d", next, first)
			}
			testkit.Eventually(t, testkit.Patience, "the server has the new settings", func() error {
				got, err := get(plain(), address)
				if err == nil && !strings.HasSuffix(got, "the new ones") {
					err = fmt.Errorf("it has %q", got)
				}
				return err
			})
		}
	})
	if len(c.failed) > 0 || c.answered == 0 {
		t.Errorf("%d changes: %s", n, c)
	}
}

// A changed value reaches a server, and no request fails meanwhile.
func TestChangedValue(t *testing.T) {
	for _, tt := range []struct{ name, mode string }{
		{"overlap", "restart_mode = overlap"},
		{"rolling", "rolling = 1\nnumprocs = 2\nprocess_name = web_%(process_num)d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conf := strings.Replace(following, "restart_mode = overlap", tt.mode, 1)
			conf = strings.Replace(conf, "SERVER_READY=1", "SERVER_READY=1,SERVER_SETTINGS=DIR/settings", 1)
			s, address := supervise(t, conf, file{"settings.tmpl", "number {{ .Env.NUMBER }}"}, file{"env.d/app.env", "NUMBER=0"})
			n := testkit.Repeat(t, 5)
			c := during(t, address, func() {
				for i := range n {
					want := "number " + strconv.Itoa(i+1)
					next := filepath.Join(s.dir, "next.env")
					s.write("next.env", "NUMBER="+strconv.Itoa(i+1)+"\n")
					if err := os.Rename(next, filepath.Join(s.dir, "env.d/app.env")); err != nil {
						t.Fatal(err)
					}
					testkit.Eventually(t, testkit.Patience, "the server has "+want, func() error {
						got, err := get(plain(), address)
						if err == nil && !strings.HasSuffix(got, want) {
							err = fmt.Errorf("it has %q", got)
						}
						return err
					})
				}
			})
			if len(c.failed) > 0 || c.answered == 0 {
				t.Errorf("%d changes: %s", n, c)
			}
		})
	}
}
