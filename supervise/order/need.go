package order

import "strings"

// Until says what has to be the case with a process that is waited for.
type Until uint8

// The conditions. Those who do not say wait until it is ready.
const (
	Ready     Until = iota // its ready probe has succeeded; without one it is RUNNING
	Started                // it is RUNNING, whatever its probes say
	Healthy                // its health probe says that it is well
	Completed              // it has ended with an expected status, and is not started again
	Exited                 // it has ended with any, and is not started again

	untils = int(Exited) + 1
)

var untilWords = [untils]string{"ready", "started", "healthy", "completed", "exited"}

// String is the word that depends_on has for the condition.
func (u Until) String() string { return untilWords[u] }

// UntilWords are the words that depends_on may have behind a name.
func UntilWords() []string { return untilWords[:] }

// IsEnd reports whether the condition is that it has ended.
func (u Until) IsEnd() bool { return u == Completed || u == Exited }

// Facts are the conditions that hold for a process.
type Facts uint8

// With adds a condition that holds, or does not.
func (f Facts) With(u Until, holds bool) Facts {
	if holds {
		return f | 1<<u
	}
	return f
}

// Has reports whether a condition holds.
func (f Facts) Has(u Until) bool { return f&(1<<u) != 0 }

// allFacts is that all conditions hold.
const allFacts = Facts(1<<untils - 1)

// Need is an entry of depends_on. The zero Need is none.
type Need struct {
	Name  string
	Until Until
}

// ParseNeed reads NAME or NAME:CONDITION. A name may have a colon itself, so a last part that
// is no condition belongs to it.
func ParseNeed(word string) Need {
	if at := strings.LastIndexByte(word, ':'); at > 0 {
		for u, w := range untilWords {
			if word[at+1:] == w {
				return Need{Name: word[:at], Until: Until(u)}
			}
		}
	}
	return Need{Name: word}
}

// ParseNeeds reads all words of depends_on.
func ParseNeeds(words []string) []Need {
	if len(words) == 0 {
		return nil
	}
	needs := make([]Need, len(words))
	for i, word := range words {
		needs[i] = ParseNeed(word)
	}
	return needs
}

// IsZero reports whether there is none.
func (n Need) IsZero() bool { return n.Name == "" }

// String writes a need as depends_on has it; "" for none.
func (n Need) String() string {
	if n.Until == Ready {
		return n.Name
	}
	return n.Name + ":" + n.Until.String()
}

// Goal says in words what is waited for.
func (n Need) Goal() string {
	return n.Name + [untils]string{" is up", " is started", " is healthy", " has completed", " has ended"}[n.Until]
}

// Not says in words that it is not the case.
func (n Need) Not() string {
	return n.Name + [untils]string{" is not ready", " is not started", " is not healthy", " has not completed", " has not ended"}[n.Until]
}
