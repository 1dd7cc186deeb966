package order

import (
	"slices"
	"time"
)

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
		for _, need := range m.Needs {
			needed[need.Name] = true
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
// longest waits of the turns that are left. It is never 0.
func Share(left []*Member, budget time.Duration) time.Duration {
	waits := turnWaits(left)
	if budget <= 0 || len(waits) == 0 {
		return shortest
	}
	sum := 0.0 // waits can be as long as one likes
	for _, wait := range waits {
		sum += float64(wait)
	}
	now := waits[0]
	if sum > float64(budget) {
		now = time.Duration(float64(budget) * (float64(now) / sum))
	}
	return max(now, shortest)
}

// turnWaits returns the longest wait of each turn that is to come, in the order of the turns.
// It takes the turns as Turn does, without looking at everybody for each.
func turnWaits(left []*Member) []time.Duration {
	needs := map[string]int{} // how many of those that are left depend on a name
	means := map[string][]int{}
	for i, m := range left {
		for _, need := range m.Needs {
			needs[need.Name]++
		}
		for _, name := range m.Names() {
			means[name] = append(means[name], i)
		}
	}
	isFree := func(m *Member) bool { return needs[m.Program] == 0 && needs[m.Group] == 0 && needs[m.FullName()] == 0 }
	rank := func(i int, priority int) int { return left[i].Priority - priority }
	var free []int                    // by priority, the highest last
	queued := make([]bool, len(left)) // is among the free, or was
	add := func(i int) {
		if !queued[i] && isFree(left[i]) {
			queued[i] = true
			at, _ := slices.BinarySearchFunc(free, left[i].Priority, rank)
			free = slices.Insert(free, at, i)
		}
	}
	for i := range left {
		add(i)
	}
	var waits []time.Duration
	for len(free) > 0 {
		top := left[free[len(free)-1]].Priority
		at, _ := slices.BinarySearchFunc(free, top, rank)
		turn := slices.Clone(free[at:])
		free = free[:at]
		var wait time.Duration
		for _, i := range turn {
			wait = max(wait, left[i].Wait)
			for _, need := range left[i].Needs {
				if needs[need.Name]--; needs[need.Name] == 0 {
					for _, freed := range means[need.Name] {
						add(freed)
					}
				}
			}
		}
		waits = append(waits, wait)
	}
	var stuck []*Member // depend on each other: see Turn
	for i, m := range left {
		if !queued[i] {
			stuck = append(stuck, m)
		}
	}
	return append(waits, priorityWaits(stuck)...)
}

// priorityWaits returns the longest wait of each priority, the highest first.
func priorityWaits(list []*Member) []time.Duration {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *Member) int { return b.Priority - a.Priority })
	var waits []time.Duration
	for i, m := range list {
		if i == 0 || m.Priority != list[i-1].Priority {
			waits = append(waits, 0)
		}
		last := len(waits) - 1
		waits[last] = max(waits[last], m.Wait)
	}
	return waits
}
