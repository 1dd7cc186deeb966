package child

import (
	"errors"

	"slipway/supervise/config"
	"slipway/supervise/config/inherit"
	"slipway/supervise/words"
)

// Hider closes this process to others of the same user, for good.
type Hider interface{ Hide() error }

// Guard hides this process as soon as one of the groups has a program that does not get all
// secrets: a program of the same user could take them from here. Root's programs of other users
// cannot, and those of root may do anything. It returns what people should know; "": nothing.
func (m *Maker) Guard(k Hider, groups []config.Group) (said string, err error) {
	p := m.withheld(groups)
	if p == nil || m.hidden || m.UID == 0 {
		return "", nil
	}
	if err := k.Hide(); err != nil {
		return "", errors.New("cannot keep programs of the same user from reading the secrets that secrets= withholds: " + words.ErrnoName(err))
	}
	m.hidden = true
	return "programs cannot look into this process, nor use /proc/1/fd/1, because " + p.Name + " does not get all secrets (secrets=)", nil
}

// withheld returns a process that does not get all secrets; nil if all get them.
func (m *Maker) withheld(groups []config.Group) *config.Process {
	for _, g := range groups {
		for i := range g.Processes {
			if p := &g.Processes[i]; inherit.Withholds(p, m.Secrets) {
				return p
			}
		}
	}
	return nil
}
