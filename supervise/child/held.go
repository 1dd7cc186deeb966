package child

import (
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/ownership"
	"slipway/supervise/words"
)

// spawn executes the command of a job: with a holder, if all that it starts is to end with
// it, and there can be one.
func (c *Child) spawn(j *Job) (err error) {
	if c.r.Holders != nil && (j.Held && !c.r.Sparing || len(j.Command.Attributes) > 0) {
		c.holder, err = c.r.Holders.Start(j.Command, &heldChild{c}, ownership.Naming{Program: j.Command.Argv[0]})
		if _, without := err.(kernel.NoHolder); !without {
			return err
		}
		c.holder = nil
		if len(j.Command.Attributes) > 0 { // it sets them
			return err
		}
	}
	if c.PID, err = c.r.k.Spawn(j.Command); err == nil {
		c.r.loop.OnExit(c.PID, c.over)
	}
	return err
}

// heldChild is a child that has a holder, as that sees it.
type heldChild struct{ c *Child }

var _ ownership.Owner = (*heldChild)(nil)

// Began implements ownership.Owner.
func (h *heldChild) Began(pid int) { h.c.PID = pid }

// NotBegun implements ownership.Owner: it is as if a shell had said so.
func (h *heldChild) NotBegun(step string, err error) {
	if step == "" {
		step = "execute it"
	}
	h.c.kept = []byte("cannot " + step + ": " + words.ErrnoName(err))
	code := NotExecutable
	if err == syscall.ENOENT {
		code = NotFound
	}
	h.c.finish(kernel.Exit{Code: code})
}

// Died implements ownership.Owner.
func (h *heldChild) Died(exit kernel.Exit, left bool) {
	if left {
		h.c.holder.Release()
		h.c.holder.SignalAll(syscall.SIGKILL)
	}
	h.c.finish(exit)
}

// Followed implements ownership.Owner. Nobody is followed.
func (h *heldChild) Followed(int, string) {}

// Emptied implements ownership.Owner.
func (h *heldChild) Emptied() {}

// NotSignalled implements ownership.Owner.
func (h *heldChild) NotSignalled(int, error) {}

// Lost implements ownership.Owner.
func (h *heldChild) Lost(main int, exit *kernel.Exit) {
	h.c.holder = nil
	switch {
	case exit != nil:
		h.c.over(*exit)
	case main != 0:
		h.c.r.loop.OnExit(main, h.c.over)
	default:
		h.c.finish(kernel.Exit{Signal: int(syscall.SIGKILL)})
	}
}
