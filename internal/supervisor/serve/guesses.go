package serve

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// freeGuesses are wrong passwords that are answered at once.
	freeGuesses = 3
	// guessPause is how long the answer to the next one takes; it doubles.
	guessPause = 100 * time.Millisecond
	// slowest is how often it doubles, to 3.2 s.
	slowest = 5
	// waitingGuesses of one address may wait for their answer: what else it sends is
	// refused unread, right or wrong.
	waitingGuesses = 4
	// guessMemory is how long an address is remembered.
	guessMemory = 5 * time.Minute
	// maxGuessers bounds how many are. Those beyond it share one place, "".
	maxGuessers = 1024
)

// guesses slows those who try passwords. A right one is never slowed. An attacker has
// waitingGuesses answers in 3.2 s, whether it asks one after the other or at once.
type guesses struct {
	pause time.Duration // the first one

	mu sync.Mutex
	of map[string]*guesser
}

// guesser is an address that has sent a wrong password.
type guesser struct {
	wrong, waiting int
	last           time.Time
}

// full reports whether an address waits for too many answers to be given another one.
func (g *guesses) full(addr string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.of[place(addr)]
	if p == nil && len(g.of) > maxGuessers {
		p = g.of[""]
	}
	return p != nil && p.waiting >= waitingGuesses
}

// wrong notes a wrong password and returns when it may be said that it is wrong. It reports
// false if too many of the address wait already.
func (g *guesses) wrong(ctx context.Context, addr string) bool {
	g.mu.Lock()
	p := g.guesser(place(addr))
	if p.waiting >= waitingGuesses {
		g.mu.Unlock()
		return false
	}
	p.wrong++
	p.last = time.Now()
	over := p.wrong - freeGuesses
	if over > 0 {
		p.waiting++
	}
	g.mu.Unlock()
	if over <= 0 {
		return true
	}
	timer := time.NewTimer(g.pause << min(over-1, slowest))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // the place stays taken: who hangs up is not faster
		<-timer.C
	}
	g.mu.Lock()
	p.waiting--
	g.mu.Unlock()
	return true
}

// guesser finds or makes a place in the table.
func (g *guesses) guesser(at string) *guesser {
	if p := g.of[at]; p != nil {
		return p
	}
	if len(g.of) >= maxGuessers {
		for k, p := range g.of {
			if p.waiting == 0 && time.Since(p.last) > guessMemory {
				delete(g.of, k)
			}
		}
	}
	if len(g.of) >= maxGuessers {
		at = ""
		if p := g.of[at]; p != nil {
			return p
		}
	}
	p := new(guesser)
	g.of[at] = p
	return p
}

// place is what of an address counts: of IPv6 its network, since a machine has all of that.
func place(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr // a user of this machine
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
