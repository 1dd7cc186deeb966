package launch

import (
	"slices"
	"strings"
	"testing"
)

func TestUnknownSettings(t *testing.T) {
	declared := func(name string) bool { return name == "SLIPWAY_COLOUR" }
	for _, tt := range []struct {
		name string
		env  []string
		want []string // parts of the notes, one each
	}{
		{"settings", []string{"SLIPWAY_CONFIG=x", "SLIPWAY_CONTROL=x", "SLIPWAY_RUNTIME=x", "SLIPWAY_ETCD_ENDPOINTS=x", "PATH=/bin"}, nil},
		{"a typing error", []string{"SLIPWAY_ETCD_ENDPOINT=x"}, []string{"SLIPWAY_ETCD_ENDPOINT is no setting of slipway and has no effect on it: did you mean SLIPWAY_ETCD_ENDPOINTS?"}},
		{"another word", []string{"SLIPWAY_XYZ=x", "SLIPWAY_XYZ=y"}, []string{"rename it, or declare [env:SLIPWAY_XYZ] if it is the image's own"}},
		{"the second letter", []string{"SLIPWAY_ENV_DRI=x", "SLIPWAY_ENV_DIRS=x"}, []string{"did you mean SLIPWAY_ENV_DIR?", "did you mean SLIPWAY_ENV_DIR?"}},
		{"a key of a section", []string{"SLIPWAY_LOGLEVEL=debug", "SLIPWAY_STARTRETRIES=1"}, []string{"loglevel is a key of [supervisord], for which no variable stands", "startretries is a key of [program:NAME]"}},
		{"a setting without its section", []string{"SLIPWAY_ENDPOINTS=x"}, []string{"did you mean SLIPWAY_ETCD_ENDPOINTS?"}},
		{"declared", []string{"SLIPWAY_COLOUR=x"}, nil},
		{"of the stages", []string{"SLIPWAY_BOOT_FD=9", "SLIPWAY_SECRET_NAMES=A", "SLIPWAY_ENV_FILES=a", "SLIPWAY_ENV_KEEP=A"}, nil},
		{"the file of last words", []string{"SLIPWAY_TERMINATION_LOG=/x"}, nil},
		{"of a hook", []string{"SLIPWAY_HOOK=pre_start", "SLIPWAY_MAIN_PID=7", "SLIPWAY_EXIT_STATUS=0", "SLIPWAY_EXIT_SIGNAL="}, nil},
		{"a link to a container called slipway", []string{"SLIPWAY_NAME=/a/slipway", "SLIPWAY_PORT=tcp://x", "SLIPWAY_PORT_80_TCP=x", "SLIPWAY_PORT_80_TCP_ADDR=x", "SLIPWAY_ENV_A=b"}, nil},
		{"a service of Kubernetes", []string{"SLIPWAY_SERVICE_HOST=x", "SLIPWAY_SERVICE_PORT_HTTP=1", "SLIPWAY_WEB_SERVICE_HOST=x", "SLIPWAY_WEB_PORT_80_TCP_ADDR=x"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := unknownSettings(tt.env, declared)
			if len(got) != len(tt.want) {
				t.Fatalf("unknownSettings = %v, want %d notes", got, len(tt.want))
			}
			for i, n := range got {
				if text := n.String() + ": " + n.Hint; !strings.Contains(text, tt.want[i]) {
					t.Errorf("note %q, want %q in it", text, tt.want[i])
				}
			}
		})
	}
}

// Each variable that the reference lists is known.
func TestSettingsOfTheTablesAreKnown(t *testing.T) {
	for _, name := range []string{"SLIPWAY_STOP_BUDGET", "SLIPWAY_ETCD_PASSWORD_FILE", "SLIPWAY_TEMPLATES"} {
		if notes := unknownSettings([]string{name + "=x"}, func(string) bool { return false }); len(notes) > 0 {
			t.Errorf("%s is said to be unknown: %v", name, slices.Clone(notes))
		}
	}
}
