package byname

import (
	"io/fs"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

func TestFind(t *testing.T) {
	for _, name := range Names() {
		if Find(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if Find("slipway") != nil {
		t.Error("slipway is one")
	}
}

func echoed(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	if status := Find("echo_supervisord_conf")([]string{"echo_supervisord_conf"}, nil, &out, nil); status != 0 {
		t.Fatalf("status %d", status)
	}
	return out.String()
}

// read decodes a configuration as supervisord does.
func read(t *testing.T, text string) *config.Config {
	t.Helper()
	in := decode.Input{AsSupervisord: true, System: system.System{
		ReadFile: func(name string) ([]byte, error) {
			if name != "f" {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		},
		IsDir: func(string) bool { return true },
	}}
	doc, err := dialect.Load("f", nil, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := decode.Decode(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// What is printed is a configuration, also with a program of one's own behind it.
func TestEchoedConfiguration(t *testing.T) {
	cfg := read(t, echoed(t)+"[program:mine]\ncommand=/bin/cat\n")
	if len(cfg.Notes) > 0 || len(cfg.Servers) != 1 || cfg.ServerURL != "unix:///tmp/supervisor.sock" || cfg.Ctl.ServerURL != cfg.ServerURL || len(cfg.Groups) != 1 {
		t.Errorf("notes %v, servers %v, URL %s, groups %d", cfg.Notes, cfg.Servers, cfg.ServerURL, len(cfg.Groups))
	}
}

// settings are the lines that set something, or would without the semicolon.
func settings(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(regexp.MustCompile(`\s+;.*`).ReplaceAllString(line, ""), "\n ")
		if line != "" && line != ";" && !strings.HasPrefix(line, "; ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Its settings are those of the original, in its order: Dockerfiles change them by sed.
func TestDifferentialEchoedSettings(t *testing.T) {
	testkit.Need(t, testkit.Supervisor)
	original, err := exec.Command("echo_supervisord_conf").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := settings(echoed(t)), settings(string(original)); !slices.Equal(got, want) {
		t.Errorf("the settings are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
