package launch

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// load reads a configuration from a file of its own.
func load(t *testing.T, ini string) *Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "slipway.conf")
	if err := os.WriteFile(file, []byte(ini), 0o644); err != nil {
		t.Fatal(err)
	}
	im, err := Load(context.Background(), Options{Config: file, Argv0: "slipway"})
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestMinIntervals(t *testing.T) {
	im := load(t, `
[slipway]
env_dir = none
min_interval = 1s
[program:usual]
command = /bin/true
[program:own]
command = /bin/true
min_interval = 1m
[program:both]
command = /bin/true
min_interval = 1m
[template:/etc/x]
source = x.tmpl
notify = both, usual
min_interval = 5m
`)
	want := map[string]time.Duration{"usual": 5 * time.Minute, "own": time.Minute, "both": 5 * time.Minute}
	if got := im.MinIntervals(); !maps.Equal(got, want) {
		t.Errorf("MinIntervals = %v, want %v", got, want)
	}
}

func TestHealthLimits(t *testing.T) {
	im := load(t, `
[slipway]
env_dir = none
[program:quick]
command = /bin/true
[program:slow]
command = /bin/true
stopwaitsecs = 20
startsecs = 5
ready = file:/run/ready
ready_timeout = 3m
[program:probed]
command = /bin/true
health = tcp://127.0.0.1:80
health_interval = 30s
[program:two]
command = /bin/true
numprocs = 2
process_name = %(program_name)s_%(process_num)d
`)
	want := map[string]time.Duration{
		"quick": time.Minute, "slow": 3*time.Minute + 25*time.Second, "probed": 11*time.Second + 4*33*time.Second, "two": 2 * time.Minute, "two:two_0": time.Minute, "two:two_1": time.Minute,
	}
	if got := im.HealthLimits(); !maps.Equal(got, want) {
		t.Errorf("HealthLimits = %v, want %v", got, want)
	}
}

func TestRenderOptions(t *testing.T) {
	dir := t.TempDir()
	im := load(t, "[slipway]\nenv_dir = none\nkeep = 7\nruntime = "+dir+"/run\n")
	for _, tt := range []struct {
		name    string
		root    string
		where   ApplyOptions
		sync    bool
		runtime string
	}{
		{"the start of a container", "", ApplyOptions{NothingRuns: true}, false, dir + "/run"},
		{"while programs run", "", ApplyOptions{Running: true}, true, dir + "/run"},
		{"a rehearsal", dir + "/root", ApplyOptions{Running: true}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			im.Document.root = tt.root
			got, err := im.RenderOptions(tt.where)
			if err != nil {
				t.Fatal(err)
			}
			if got.Sync != tt.sync || got.Runtime != tt.runtime || got.Keep != 7 || got.Root != tt.root || got.NothingRuns != tt.where.NothingRuns {
				t.Errorf("RenderOptions = %+v, want sync %v in %q below %q", got, tt.sync, tt.runtime, tt.root)
			}
		})
	}
}

func TestFolderOfAnotherIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	if !ours(dir) {
		t.Error("a folder of mine is not mine")
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if ours(dir) {
		t.Error("a folder that everybody may write is mine")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	if ours(link) {
		t.Error("a link is mine")
	}
}
