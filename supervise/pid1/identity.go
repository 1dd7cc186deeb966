package pid1

import (
	"errors"
	"strconv"

	"slipway/supervise"
	"slipway/supervise/config"
	"slipway/supervise/limits"
	"slipway/supervise/logs"
	"slipway/supervise/words"
)

// self is what this package changes of the process.
type self interface {
	Become(uid, gid int, groups []int) error
	limits.System
}

// become makes the process what [supervisord] asks for: its user, for good, then its
// limits. It returns the user that it is then.
func become(k self, mode supervise.Mode, uid int, c *config.Supervisord, log *logs.Activity) (int, error) {
	uid, err := becomeUser(k, mode, uid, c.User, log)
	if err != nil {
		return uid, err
	}
	for _, l := range limits.Of(c.Minfds, c.Minprocs) {
		if err := raise(k, mode, l, log); err != nil {
			return uid, err
		}
	}
	return uid, nil
}

// becomeUser drops privileges for good, if [supervisord] user asks for it.
func becomeUser(k self, mode supervise.Mode, uid int, u *config.User, log *logs.Activity) (int, error) {
	switch {
	case u == nil:
		return uid, nil
	case !u.Differs(uid):
		if uid == 0 {
			log.Info("Set uid to user ", strconv.Itoa(uid), " succeeded")
		}
		return uid, nil
	case uid != 0 && mode == supervise.Run:
		return uid, errors.New("cannot become user " + words.Quote(u.Given) + ", which user of [supervisord] asks for: slipway runs as user " + strconv.Itoa(uid) + ", not as root")
	case uid != 0:
		//lint:ignore ST1005 Supervisor's words, which people search for
		return uid, errors.New("Can't drop privilege as nonroot user")
	}
	if err := k.Become(u.UID, u.GID, u.Groups); err != nil {
		return uid, errors.New("cannot become user " + words.Quote(u.Name) + ": " + words.ErrnoName(err))
	}
	log.Info("Set uid to user ", strconv.Itoa(u.UID), " succeeded")
	return u.UID, nil
}

// raise raises a limit. A container goes on without, a supervisord does not start.
func raise(k self, mode supervise.Mode, l limits.Limit, log *logs.Activity) error {
	raised, hard, err := l.Raise(k)
	want := strconv.FormatUint(l.Want, 10)
	switch {
	case raised:
		log.Info("Increased ", l.Name, " limit to ", want)
		return nil
	case err == nil:
		return nil
	case mode == supervise.Run:
		log.Warn("cannot raise ", l.Name, " to ", l.Option, "=", want, ": ", words.ErrnoName(err))
		return nil
	}
	// Supervisor's words, which people search for.
	return errors.New("The minimum number of " + l.Things + " required to run this process is " +
		want + " as per the \"" + l.Option + "\" command-line argument or config file setting. The current environment will only allow you to open " +
		strconv.Itoa(int(hard)) + " " + l.Things + ".  Either raise the number of usable " + l.Things +
		" in your environment (see README.rst) or lower the " + l.Option + " setting in the config file to allow the process to start.")
}
