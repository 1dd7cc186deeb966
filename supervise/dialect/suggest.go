package dialect

import "strings"

// DidYouMean is the hint for a word that is near to one of the known ones.
func DidYouMean(word string, known []string) string {
	if s := Closest(word, known); s != "" {
		return "did you mean " + Quote(s) + "?"
	}
	return ""
}

// Closest gives the known word with the fewest letters to change, "" when that
// is more than a third of them. Of equals the first wins.
func Closest(word string, known []string) string {
	best, least := "", len(word)/3+1
	for _, k := range known {
		if k == "" || k == word {
			continue
		}
		if d := distance(strings.ToLower(word), strings.ToLower(k), least); d < least || best == "" && d == least && d <= len(word)/3 {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with the next;
// it gives up above limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
