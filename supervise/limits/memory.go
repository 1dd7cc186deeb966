package limits

import "strconv"

// MemoryCounter counts the processes that were killed because the memory limit was reached;
// -1: the kernel does not tell.
type MemoryCounter interface {
	MemoryKills() int
}

// Memory knows how often the kernel has killed for the memory limit.
type Memory struct {
	k       MemoryCounter
	counted bool
	kills   int // -1: the kernel does not tell
}

// NewMemory returns a Memory that has not looked yet.
func NewMemory(k MemoryCounter) Memory { return Memory{k: k} }

// Count takes the counter before there is anything that it could have killed.
func (m *Memory) Count() {
	if !m.counted {
		m.counted, m.kills = true, m.k.MemoryKills()
	}
}

// Killed is how many more were killed since the last call; 0 where the kernel does not tell.
func (m *Memory) Killed() int {
	if m.kills < 0 {
		return 0
	}
	now := m.k.MemoryKills()
	more := now - m.kills
	m.kills = now
	return more
}

// Blame is how many of some processes that somebody has killed the limit was to blame for. If
// it was for others as well, that is told.
func (m *Memory) Blame(killed int, told func(parts ...string)) int {
	if killed == 0 {
		return 0
	}
	more := m.Killed()
	if more > killed {
		told("the memory limit has killed ", strconv.Itoa(more-killed), " more processes of this container")
	}
	return max(0, min(more, killed))
}
