package order

import "time"

// shortest is what a turn gets when the budget is used up: a stop with a limit of 0 would
// have none.
const shortest = time.Millisecond

// Turn returns the processes that are to be stopped now, as indices of those that are left:
// the ones of the highest priority among those that nobody depends on any more. If all that
// are left depend on each other, which a reread can bring about, the priority alone decides:
// a stop must come to its end.
func Turn(left []*Member) []int {
	needed := map[string]bool{}
	for _, m := range left {
		for _, name := range m.Needs {
			needed[name] = true
		}
	}
	if turn := highest(left, func(m *Member) bool { return !isNeeded(m, needed) }); len(turn) > 0 {
		return turn
	}
	return highest(left, func(*Member) bool { return true })
}

// isNeeded reports whether one of the names means m.
func isNeeded(m *Member, names map[string]bool) bool {
	return len(names) > 0 && (names[m.Program] || names[m.Group] || names[m.FullName()])
}

// highest returns the indices of the members of the highest priority among those that
// qualify.
func highest(members []*Member, qualifies func(*Member) bool) []int {
	var list []int
	top := 0
	for i, m := range members {
		if len(list) > 0 && m.Priority < top || !qualifies(m) {
			continue
		}
		if len(list) == 0 || m.Priority > top {
			list, top = list[:0], m.Priority
		}
		list = append(list, i)
	}
	return list
}

// Share returns how long the turn may take, of what is left of the budget: its part by the
// longest waits of the priorities that are left. It is never 0.
func Share(left []*Member, budget time.Duration) time.Duration {
	if budget <= 0 {
		return shortest
	}
	waits := map[int]time.Duration{} // of each priority, the longest
	for _, m := range left {
		waits[m.Priority] = max(waits[m.Priority], m.Wait)
	}
	var sum, now time.Duration
	top, first := 0, true
	for priority, wait := range waits {
		sum += wait
		if first || priority > top {
			top, now, first = priority, wait, false
		}
	}
	if sum <= budget || sum == 0 {
		return max(now, shortest)
	}
	return max(time.Duration(float64(budget)*(float64(now)/float64(sum))), shortest)
}
