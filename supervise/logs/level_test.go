//go:build linux

package logs_test

import (
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/logs"
)

// Level is converted from the configuration's by number.
func TestLevelsAreThoseOfTheConfiguration(t *testing.T) {
	rows := []struct {
		level  logs.Level
		config config.Loglevel
	}{
		{logs.Blather, config.LevelBlather}, {logs.Trace, config.LevelTrace}, {logs.Debug, config.LevelDebug}, {logs.Info, config.LevelInfo},
		{logs.Warn, config.LevelWarn}, {logs.Error, config.LevelError}, {logs.Critical, config.LevelCritical},
	}
	for _, row := range rows {
		if logs.Level(row.config) != row.level {
			t.Errorf("Level(%d) = %d, want %d", row.config, logs.Level(row.config), row.level)
		}
	}
}
