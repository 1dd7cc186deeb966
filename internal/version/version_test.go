package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestOf(t *testing.T) {
	tail := " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	setting := func(k, v string) debug.BuildSetting { return debug.BuildSetting{Key: k, Value: v} }
	for _, tt := range []struct {
		name string
		bi   debug.BuildInfo
		want string
	}{
		{"no build information", debug.BuildInfo{}, "slipway devel"},
		{"a working tree without a repository", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "slipway devel"},
		{"a release", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "slipway v1.2.3"},
		{
			"a revision", debug.BuildInfo{
				Main:     debug.Module{Version: "v0.1.0"},
				Settings: []debug.BuildSetting{setting("vcs.revision", "0123456789abcdef"), setting("vcs.modified", "false"), setting("vcs.time", "2026-11-29T00:49:12Z")},
			}, "slipway v0.1.0 (0123456789ab, 2026-11-29)",
		},
		{
			"a modified tree", debug.BuildInfo{
				Settings: []debug.BuildSetting{setting("vcs.revision", "0123"), setting("vcs.modified", "true")},
			}, "slipway devel (0123, modified)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := of(&tt.bi).String(); got != tt.want+tail {
				t.Errorf("of(…) = %q, want %q", got, tt.want+tail)
			}
		})
	}
}
