package limits

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
