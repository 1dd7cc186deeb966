package fleet

// Lane is the line to join: one of the shortest. pick chooses one of n by chance.
func Lane(lengths []int, pick func(n int) int) int {
	var shortest []int
	for i, n := range lengths {
		switch {
		case len(shortest) == 0 || n < lengths[shortest[0]]:
			shortest = []int{i}
		case n == lengths[shortest[0]]:
			shortest = append(shortest, i)
		}
	}
	return shortest[pick(len(shortest))]
}
