package render

import "strings"

// nearest returns the name closest to want, or "" when none is close enough
// to be a slip of the fingers: at most a third of its letters may differ.
func nearest(want string, names []string) string {
	best, bestDist := "", len(want)/3+1
	if len(want) > 2 && bestDist < 3 {
		bestDist = 3
	}
	upper := strings.ToUpper(want)
	for _, n := range names {
		if n == want {
			continue
		}
		if d := len(n) - len(want); d >= bestDist || -d >= bestDist {
			continue
		}
		d := distance(upper, strings.ToUpper(n), bestDist)
		if d < bestDist || d == bestDist && best == "" && d == 0 {
			best, bestDist = n, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to get from a to b, or limit when it is not below limit.
func distance(a, b string, limit int) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least >= limit {
			return limit
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(prev[len(b)], limit)
}
