// Package summary says in few lines what happens often: the ends of orphans by the thousand,
// and what has waited for a minute or longer.
package summary

import (
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// Clock says what time it is.
type Clock interface{ Now() time.Time }

// teller is what all of them write with.
type teller struct {
	clock Clock
	loop  *loop.Loop
	log   *logs.Activity
}
