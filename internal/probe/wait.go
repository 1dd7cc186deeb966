package probe

import (
	"context"
	"fmt"
	"time"
)

const (
	firstPause = 50 * time.Millisecond
	lastPause  = time.Second
	oneCheck   = 5 * time.Second
)

// Wait asks until the probe answers, with pauses that grow from 50 ms to 1 s. When
// ctx is done first, the error tells what the last answer was. Report, if not nil,
// is told every failed answer.
func Wait(ctx context.Context, p Probe, report func(error)) error {
	pause := firstPause
	var answer error // the last one that the end of ctx has not cut short
	for {
		err := p.checkFor(ctx, oneCheck)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || answer == nil {
			answer = err
		}
		if ctx.Err() == nil && report != nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot reach %s: %w (last answer: %v)", p, context.Cause(ctx), answer)
		case <-time.After(pause):
		}
		pause = min(pause*2, lastPause)
	}
}

func (p Probe) checkFor(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return p.Check(ctx)
}
