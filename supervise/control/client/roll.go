package client

import "sync"

// Roll calls do for the numbers below count, most of them at once: the next ones when all of
// these have succeeded, and no other one after a failure. Begun is for how many it was called.
func Roll(count, most int, do func(i int) error) (begun int) {
	for begun < count {
		batch := min(max(most, 1), count-begun)
		failed := make([]bool, batch)
		var all sync.WaitGroup
		for i := range batch {
			all.Go(func() { failed[i] = do(begun+i) != nil })
		}
		all.Wait()
		begun += batch
		for _, bad := range failed {
			if bad {
				return begun
			}
		}
	}
	return begun
}
