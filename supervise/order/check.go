package order

import "strings"

// Unordered is the error for processes that cannot be ordered.
type Unordered struct {
	Member int // the index of the one that it was met at
	text   string
}

func (e *Unordered) Error() string { return "cannot order programs by depends_on: " + e.text }

// Check returns an *Unordered for a name that nothing has, and for processes that wait for
// each other, with the path from one back to itself. It takes them in the order given and
// reports what it meets first.
func Check(members []*Member) error {
	if !anyNeeds(members) {
		return nil
	}
	s := search{members: members, stages: make([]stage, len(members))}
	s.index()
	for m := range members {
		if s.stages[m] != unseen {
			continue
		}
		if err := s.from(int32(m)); err != nil {
			return err
		}
	}
	return nil
}

func anyNeeds(members []*Member) bool {
	for _, m := range members {
		if len(m.Needs) > 0 {
			return true
		}
	}
	return false
}

// stage is how far the search is with a process.
type stage uint8

const (
	unseen stage = iota
	onPath
	finished
)

// search goes through the graph depth first, with a stack of its own: a chain can be as
// long as the configuration.
type search struct {
	members []*Member
	stages  []stage
	byName  map[string]int32
	meant   [][]int32 // by name, the processes that it means
	done    []bool    // by name, all of them are finished
	path    []step
}

// step is one process on the path, and how far the search is with what it needs.
type step struct {
	member int32
	need   int // in Needs
	next   int // in what that need means
}

func (s *search) index() {
	s.byName = make(map[string]int32, len(s.members))
	for i, m := range s.members {
		for _, name := range m.Names() {
			id, known := s.byName[name]
			if !known {
				id = int32(len(s.meant))
				s.byName[name] = id
				s.meant = append(s.meant, nil)
			}
			s.meant[id] = append(s.meant[id], int32(i))
		}
	}
	s.done = make([]bool, len(s.meant))
}

// from searches everything that a process needs.
func (s *search) from(member int32) *Unordered {
	s.push(member)
	for len(s.path) > 0 {
		at := &s.path[len(s.path)-1]
		needs := s.members[at.member].Needs
		if at.need == len(needs) {
			s.stages[at.member] = finished
			s.path = s.path[:len(s.path)-1]
			continue
		}
		id, known := s.byName[needs[at.need].Name]
		if !known {
			return &Unordered{int(at.member), "program " + quote(s.members[at.member].FullName()) + " depends on " + quote(needs[at.need].Name) + ", which does not exist"}
		}
		if s.done[id] || at.next == len(s.meant[id]) {
			s.done[id] = true
			at.need, at.next = at.need+1, 0
			continue
		}
		other := s.meant[id][at.next]
		at.next++
		switch s.stages[other] {
		case unseen:
			s.push(other)
		case onPath:
			return s.cycle(other)
		case finished:
		}
	}
	return nil
}

func (s *search) push(member int32) {
	s.stages[member] = onPath
	s.path = append(s.path, step{member: member})
}

// cycle is the error for a path that leads back to a process on it.
func (s *search) cycle(member int32) *Unordered {
	first := 0
	for s.path[first].member != member {
		first++
	}
	var names []string
	for _, at := range s.path[first:] {
		names = append(names, s.members[at.member].FullName())
	}
	return &Unordered{int(member), "programs wait for each other: " + strings.Join(append(names, names[0]), " -> ")}
}

// quote is Python's repr of a string, as far as Supervisor's messages need it.
func quote(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}
