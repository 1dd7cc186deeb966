package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

// Resources of Limit.
const (
	limitProcesses = 6 // RLIMIT_NPROC
	limitFiles     = 7 // RLIMIT_NOFILE
)

// Executable implements System.
func (m *Machine) Executable() string { return m.settings.Executable }

// PIDNamespace implements System.
func (m *Machine) PIDNamespace() uint64 { return 4026531836 }

// Become implements System.
func (m *Machine) Become(uid, _ int, _ []int) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Become"); err != nil {
		return err
	}
	if m.self.uid != 0 {
		return syscall.EPERM
	}
	m.self.uid = uid
	return nil
}

// MemoryKills implements System.
func (m *Machine) MemoryKills() int {
	m.enter()
	defer m.leave()
	return m.memoryKills
}

// Tasks implements System: there is no limit but by LimitTasks.
func (m *Machine) Tasks() (now, most, refused int) {
	m.enter()
	defer m.leave()
	return m.tasks.now, m.tasks.most, -1
}

// LimitTasks sets what Tasks says. It makes no start fail.
func (m *Machine) LimitTasks(now, most int) {
	m.visit()
	defer m.leave()
	m.tasks.now, m.tasks.most = now, most
}

// OutOfMemory kills a process as the kernel does when the memory limit is reached.
func (m *Machine) OutOfMemory(pid int) {
	m.visit()
	m.memoryKills++
	m.leave()
	m.End(pid, kernel.Exit{Signal: int(syscall.SIGKILL)})
}

// IsPaused implements System.
func (m *Machine) IsPaused(pid int) bool {
	m.enter()
	defer m.leave()
	p := m.byPID[pid]
	return p != nil && p.stopped && !p.zombie
}

// Hide implements System.
func (m *Machine) Hide() error {
	m.enter()
	defer m.leave()
	if err := m.fails("Hide"); err != nil {
		return err
	}
	m.hidden = true
	return nil
}

// Hidden reports whether the supervisor has hidden itself.
func (m *Machine) Hidden() bool {
	m.visit()
	defer m.leave()
	return m.hidden
}

// UID returns the user that the supervisor is.
func (m *Machine) UID() int {
	m.visit()
	defer m.leave()
	return m.self.uid
}

// Limit implements System.
func (m *Machine) Limit(resource int) (current, maximum uint64, err error) {
	m.enter()
	defer m.leave()
	l, ok := m.limits[resource]
	if !ok {
		return 0, 0, syscall.EINVAL
	}
	return l[0], l[1], nil
}

// SetLimit implements System.
func (m *Machine) SetLimit(resource int, current, maximum uint64) error {
	m.enter()
	defer m.leave()
	l, ok := m.limits[resource]
	switch {
	case !ok || current > maximum:
		return syscall.EINVAL
	case maximum > l[1] && m.self.uid != 0:
		return syscall.EPERM
	}
	m.limits[resource] = [2]uint64{current, maximum}
	return nil
}
