package watcher

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"slipway/render"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// activityLog is the slog handler of a child of the supervisor: its lines go to the
// activity log, without the secrets that are known.
type activityLog struct {
	ctl client.Caller

	mu       sync.Mutex // the file watcher logs from its own goroutine
	redactor *render.Redactor
}

var _ slog.Handler = (*activityLog)(nil)

// logWait bounds how long the supervisor may take to note a line.
const logWait = 5 * time.Second

// use replaces the secrets that are hidden.
func (l *activityLog) use(r *render.Redactor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.redactor = r
}

// hide takes the secrets that are known out of a text.
func (l *activityLog) hide(text string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.redactor.Redact(text)
}

// Enabled implements slog.Handler: the supervisor has the threshold.
func (l *activityLog) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs and WithGroup implement slog.Handler; nobody here uses them.
func (l *activityLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l *activityLog) WithGroup(string) slog.Handler { return l }

// Handle implements slog.Handler.
func (l *activityLog) Handle(ctx context.Context, r slog.Record) error {
	var attrs strings.Builder
	text := slog.NewTextHandler(&attrs, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutHead})
	if err := text.Handle(ctx, r); err != nil {
		return err
	}
	line := l.hide(strings.TrimSpace("watch: " + r.Message + " " + attrs.String()))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logWait)
	defer cancel()
	_, err := l.ctl.Call(ctx, control.OpLogWrite, control.String(levelName(r.Level)), control.String(line))
	return err
}

// withoutHead drops what the activity log has columns of its own for.
func withoutHead(groups []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey:
		if len(groups) == 0 {
			return slog.Attr{}
		}
	}
	return a
}

// levelName is Supervisor's word for a level.
func levelName(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warn"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}
