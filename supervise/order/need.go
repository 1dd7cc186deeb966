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

// reached is the first of the conditions that a state was reached, whatever came after it. They
// are those of dependent_startup_wait_for, and depends_on has no words for them: once one holds
// it goes on to hold. ReachedStates are their words, in their order.
const (
	reached    = Until(untils)
	conditions = untils + len(reachedStates)
)

var reachedStates = [...]string{"starting", "running", "backoff", "stopping", "exited", "fatal"}

// ReachedStates are the states that can have been reached, as dependent_startup_wait_for has them.
func ReachedStates() []string { return reachedStates[:] }

// Reached is the fact that a state was reached; none for one that nobody can wait for.
func Reached(state string) Facts {
	for i, s := range reachedStates {
		if strings.EqualFold(s, state) {
			return 1 << (reached + Until(i))
		}
	}
	return 0
}

var untilWords = [untils]string{"ready", "started", "healthy", "completed", "exited"}

// String is the word that depends_on has for the condition.
func (u Until) String() string { return untilWords[u] }

// UntilWords are the words that depends_on may have behind a name.
func UntilWords() []string { return untilWords[:] }

// IsEnd reports whether the condition is that it has ended.
func (u Until) IsEnd() bool { return u == Completed || u == Exited }

// Facts are the conditions that hold for a process.
type Facts uint16

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
const allFacts = Facts(1<<conditions - 1)

// Need is an entry of depends_on, or of dependent_startup_wait_for. The zero Need is none.
type Need struct {
	Name  string
	Until Until // if Any is 0
	Any   Facts // states one of which was reached; 0: Until counts
}

// IsSoft reports whether a start that somebody asks for does without it.
func (n Need) IsSoft() bool { return n.Any != 0 }

// ofAny begins the last part of a need of reached states. A name has no blank.
const ofAny = "reached "

// ParseNeed reads NAME or NAME:CONDITION. A name may have a colon itself, so a last part that
// is no condition belongs to it.
func ParseNeed(word string) Need {
	if at := strings.LastIndexByte(word, ':'); at > 0 {
		if states, ok := strings.CutPrefix(word[at+1:], ofAny); ok {
			need := Need{Name: word[:at]}
			for state := range strings.SplitSeq(states, ",") {
				need.Any |= Reached(state)
			}
			return need
		}
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

// States are the words of those that are to be reached, with commas.
func (n Need) States() string {
	var list []string
	for i, s := range reachedStates {
		if n.Any.Has(reached + Until(i)) {
			list = append(list, s)
		}
	}
	return strings.Join(list, ",")
}

// alternatives are the states as Supervisor writes them.
func (n Need) alternatives() string {
	return strings.ReplaceAll(strings.ToUpper(n.States()), ",", " or ")
}

// Word writes a need as ParseNeed reads it.
func (n Need) Word() string {
	if n.IsSoft() {
		return n.Name + ":" + ofAny + n.States()
	}
	return n.String()
}

// String writes a need as its option has it; "" for none.
func (n Need) String() string {
	if n.IsSoft() {
		return n.Name + ":" + n.States()
	}
	if n.Until == Ready {
		return n.Name
	}
	return n.Name + ":" + n.Until.String()
}

// Goal says in words what is waited for.
func (n Need) Goal() string {
	if n.IsSoft() {
		return n.Name + " has been " + n.alternatives()
	}
	return n.Name + [untils]string{" is up", " is started", " is healthy", " has completed", " has ended"}[n.Until]
}

// Not says in words that it is not the case.
func (n Need) Not() string {
	if n.IsSoft() {
		return n.Name + " has never been " + n.alternatives()
	}
	return n.Name + [untils]string{" is not ready", " is not started", " is not healthy", " has not completed", " has not ended"}[n.Until]
}
