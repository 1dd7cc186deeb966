package launch

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/limits"
)

// Identity is as whom, where and under which limits a program runs.
type Identity struct {
	UID, GID int
	Groups   []int
	Dir      string // "": the present one
	Umask    int    // -1: the present one
	// Files and Processes are soft limits to be raised to; 0 leaves them.
	Files, Processes int
	// Regrouped has other groups than the supervisor although it may be the same user.
	Regrouped bool
	// Capped limits are not raised above the hard ones: the supervisor is not root.
	Capped bool
}

// IdentityOf is that of a process whose supervisor has the identity of. The error
// comes where the supervisor cannot start it either.
func (im *Image) IdentityOf(p *config.Process, of Identity) (Identity, error) {
	who := of
	if u := p.User; u != nil && (u.Differs(of.UID) || p.Groups != nil) {
		if of.UID != 0 {
			return Identity{}, fmt.Errorf("it is to run as user %s, but the supervisor is not root (its uid is %d)", u.Given, of.UID)
		}
		who.UID, who.GID, who.Groups = u.UID, u.GID, u.Groups
		if p.Groups != nil {
			who.Groups, who.Regrouped = append([]int{u.GID}, p.Groups...), true
		}
	}
	who.Dir = p.Directory
	if p.Umask >= 0 {
		who.Umask = p.Umask
	}
	who.Capped = of.UID != 0
	who.Files, who.Processes = im.Config.Supervisord.Minfds, im.Config.Supervisord.Minprocs
	return who, nil
}

// ReadIdentity is the identity of a running process whose user the kernel has told: its
// groups and its umask are in a file of /proc that everybody may read.
func ReadIdentity(pid, uid, gid int) (Identity, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return Identity{}, err
	}
	who := Identity{UID: uid, GID: gid, Umask: -1}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		words := strings.Fields(value)
		switch {
		case key == "Uid" && (len(words) != 4 || words[1] != strconv.Itoa(uid)):
			return Identity{}, fmt.Errorf("process %d is not of user %d", pid, uid)
		case key == "Groups":
			for _, w := range words {
				g, err := strconv.Atoi(w)
				if err != nil {
					return Identity{}, fmt.Errorf("process %d: the group %q is no number", pid, w)
				}
				who.Groups = append(who.Groups, g)
			}
		case key == "Umask" && len(words) == 1: // of Linux 4.7
			if mask, err := strconv.ParseInt(words[0], 8, 32); err == nil {
				who.Umask = int(mask)
			}
		}
	}
	return who, nil
}

// Assume makes the present process have the identity, for good. It comes right before
// an execve: after an error the process is neither the one nor the other.
func (who Identity) Assume() error {
	// The supervisor raises limits where it may and goes on where it may not.
	for _, l := range limits.Of(who.Files, who.Processes) {
		_, _, _ = l.Raise(ownLimits{who.Capped})
	}
	if who.Umask >= 0 {
		syscall.Umask(who.Umask)
	}
	if who.UID != os.Geteuid() || who.Regrouped {
		err := syscall.Setgroups(who.Groups)
		if err == nil {
			err = syscall.Setgid(who.GID)
		}
		if err == nil {
			err = syscall.Setuid(who.UID)
		}
		if err != nil {
			return fmt.Errorf("cannot become user %d: %w", who.UID, err)
		}
	}
	if who.Dir == "" {
		return nil
	}
	return os.Chdir(who.Dir) // as the user, as the supervisor does
}

// ownLimits are the limits of the present process. They are raised by the rules of the
// supervisor.
type ownLimits struct{ capped bool }

// Limit implements [limits.System].
func (ownLimits) Limit(resource int) (soft, hard uint64, err error) {
	var l syscall.Rlimit
	err = syscall.Getrlimit(resource, &l)
	return l.Cur, l.Max, err
}

// SetLimit implements [limits.System].
func (own ownLimits) SetLimit(resource int, soft, hard uint64) error {
	if _, most, err := own.Limit(resource); err != nil || own.capped && hard > most {
		return syscall.EPERM
	}
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: soft, Max: hard})
}
