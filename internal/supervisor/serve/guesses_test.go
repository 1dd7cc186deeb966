package serve

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Passwords per second do not grow with the connections of an address.
func TestGuessesAreSlow(t *testing.T) {
	for _, connections := range []int{1, 100} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := guesses{pause: guessPause, of: map[string]*guesser{}}
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				var tried atomic.Int64
				for i := range connections {
					go func() { // ends with ctx
						for ctx.Err() == nil {
							if addr := fmt.Sprintf("192.0.2.1:%d", i); !g.full(addr) && g.wrong(ctx, addr) {
								tried.Add(1)
								continue
							}
							time.Sleep(50 * time.Millisecond)
						}
					}()
				}
				<-ctx.Done()
				synctest.Wait()
				if n := tried.Load(); n > 100 || n < 15 {
					t.Errorf("%d guesses in a minute over %d connections, want between 15 and 100", n, connections)
				}
				if g.full("192.0.2.2:1") {
					t.Error("another address waits as well")
				}
				time.Sleep(time.Minute) // those that wait
			})
		})
	}
}

// Who hangs up does not get its next answer sooner.
func TestGuessesOfThoseWhoHangUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guesses{pause: guessPause, of: map[string]*guesser{}}
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		begin, tried := time.Now(), 0
		for range 20 {
			if g.wrong(gone, "192.0.2.1:1") {
				tried++
			}
		}
		if took := time.Since(begin); took < 10*time.Second {
			t.Errorf("%d guesses took %v", tried, took)
		}
	})
}

// The table has a bound, and an IPv6 machine is one address whichever of its own it uses.
func TestGuessersAreBounded(t *testing.T) {
	g := guesses{pause: time.Nanosecond, of: map[string]*guesser{}}
	for i := range 5000 {
		g.wrong(context.Background(), fmt.Sprintf("[2001:db8::%x]:1", i))
	}
	if len(g.of) != 1 {
		t.Errorf("one network of IPv6 has %d places, want 1", len(g.of))
	}
	for i := range 5000 {
		g.wrong(context.Background(), fmt.Sprintf("10.0.%d.%d:1", i/250, i%250))
	}
	if len(g.of) > maxGuessers+1 {
		t.Errorf("%d places, want at most %d", len(g.of), maxGuessers+1)
	}
}
