package supervise

import (
	"testing"
	"time"

	"slipway/supervise/config"
)

// clock is a kernel that only knows the time.
type clock struct{ Kernel }

func (clock) Now() time.Time     { return time.Unix(1000, 0) }
func (clock) Wake()              {}
func (clock) Executable() string { return "" }

// stop_budget = 0 means that programs may take what they need.
func TestStopBudget(t *testing.T) {
	for _, tt := range []struct {
		name   string
		budget time.Duration
		want   time.Time
	}{
		{"none", 0, time.Time{}},
		{"a minute", time.Minute, time.Unix(1060, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := New(Options{Mode: Run, Kernel: clock{}})
			s.cfg = &config.Config{Slipway: config.Slipway{StopBudget: tt.budget}}
			s.shutdown(ending{}, false)
			if !s.stop.deadline.Equal(tt.want) {
				t.Errorf("deadline = %v, want %v", s.stop.deadline, tt.want)
			}
			if got := s.share(nil); tt.budget == 0 && got != 0 {
				t.Errorf("share = %v, want 0: as long as stopwaitsecs", got)
			}
		})
	}
}
