package attributes

import (
	"slices"
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       value // nil: it is none
	}{
		{"nice", "-20", value{-20}},
		{"nice", "19", value{19}},
		{"nice", "20", nil},
		{"nice", "-21", nil},
		{"nice", "", nil},
		{"nice", "5x", nil},
		{"ionice", "idle", value{3 << 13}},
		{"ionice", "best-effort:7", value{2<<13 | 7}},
		{"ionice", "realtime:0", value{1 << 13}},
		{"ionice", "best-effort", nil},
		{"ionice", "best-effort:8", nil},
		{"ionice", "idle:1", nil},
		{"ionice", "3", nil},
		{"oom_score_adj", "-1000", value{-1000}},
		{"oom_score_adj", "1001", nil},
		{"cpu_affinity", "0, 2-4", value{0, 2, 3, 4}},
		{"cpu_affinity", "4-2", nil},
		{"cpu_affinity", "-1", nil},
		{"cpu_affinity", "8192", nil},
		{"cpu_affinity", "", nil},
		{"cpu_affinity", "0,,1", nil},
		{"limit_nofile", "1024:65536", value{1024, 65536}},
		{"limit_nofile", "64", value{64, 64}},
		{"limit_nofile", "0:unlimited", value{0, -1}},
		{"limit_nofile", "unlimited", value{-1, -1}},
		{"limit_nofile", "unlimited:5", nil},
		{"limit_nofile", "3:2", nil},
		{"limit_nofile", "-1", nil},
		{"limit_nofile", "1KB", nil},
		{"limit_nofile", "1:2:3", nil},
		{"limit_nofile", "99999999999999999999", nil},
		{"limit_as", "512MB:1GB", value{512 << 20, 1 << 30}},
		{"limit_core", "infinity", value{-1, -1}},
		{"capabilities", "none", value{}},
		{"capabilities", "NET_BIND_SERVICE, cap_chown chown", value{10, 0}},
		{"capabilities", "", nil},
		{"capabilities", "none CHOWN", nil},
		{"capabilities", "ROOT", nil},
		{"no_new_privs", "on", value{1}},
		{"no_new_privs", "off", value{0}},
		{"no_new_privs", "maybe", nil},
	} {
		var l List
		ok := l.Set(tt.name, tt.text)
		if ok != (tt.want != nil) {
			t.Errorf("%s = %q: %v", tt.name, tt.text, ok)
		}
		if ok && (!slices.Equal(l[0].call, tt.want) || l.Get(tt.name) != tt.text) {
			t.Errorf("%s = %q: %v, want %v", tt.name, tt.text, l[0].call, tt.want)
		}
	}
}

func TestLacks(t *testing.T) {
	for step, want := range map[string]string{
		"set nice": "CAP_SYS_NICE", "setgroups": "CAP_SETGID", "setuid to 5": "CAP_SETUID", "set limit_nofile": "nr_open",
		"set limit_as": "CAP_SYS_RESOURCE", "drop CAP_KILL": "CAP_SETPCAP",
	} {
		if got := Lacks(step); !strings.Contains(got, want) {
			t.Errorf("%s lacks %q, want %s", step, got, want)
		}
	}
	if got := Lacks("chdir to /x"); got != "" {
		t.Errorf("chdir lacks %q", got)
	}
}
