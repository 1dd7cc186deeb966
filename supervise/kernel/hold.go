package kernel

import (
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
	"slipway/supervise/holder"
	"slipway/supervise/kernel/cgroup"
)

// Held is a program's holder that has been started.
type Held struct {
	PID     int           // of the holder, which is a child of ours
	Channel int           // our end of its socket; it does not block
	Table   *holder.Table // by which a failure is named
	Cgroup  string        // the folder of a control group for the command; "": none can be made
}

// NoHolder is why there can be no holder. The command can be given to Spawn.
type NoHolder string

// Error implements error.
func (e NoHolder) Error() string { return "no holder: " + string(e) }

// Hold is Spawn with a holder in between: what becomes of the command, its pid first of
// all, is said on the channel. The error is a NoHolder, or a syscall.Errno as that of Spawn.
func (k *Linux) Hold(c *Command) (Held, error) {
	if !early.Linked() {
		return Held{}, NoHolder("this executable was built without the entry for it")
	}
	ours, theirs, err := k.Pair()
	if isRefused(err) {
		return Held{}, NoHolder("socketpair(2) is refused: " + unix.ErrnoName(err.(syscall.Errno)) + " (by a seccomp profile?)")
	}
	if err != nil {
		return Held{}, err
	}
	defer unix.Close(theirs)
	h := Held{Channel: ours}
	if k.cgroups == nil {
		k.cgroups = cgroup.New(k.readProc("/proc/self/cgroup"))
	}
	var folder int
	h.Cgroup, folder = k.cgroups.Make(c.Path)
	free := len(c.Files) + 1 // behind its descriptors and the socket
	if h.Cgroup != "" {
		free++
	}
	h.Table = tableOf(c, free)
	if _, err = unix.Write(ours, h.Table.Encode(c.DeathSignal)); err == nil {
		h.PID, err = k.execHolder(c, theirs, folder)
	}
	if h.Cgroup != "" {
		unix.Close(folder)
	}
	if err != nil {
		unix.Close(ours)
		if h.Cgroup != "" {
			k.RemoveCgroup(h.Cgroup)
		}
		return Held{}, err
	}
	return h, nil
}

// KillCgroup kills what is in a control group that Hold has made.
func (k *Linux) KillCgroup(dir string) bool { return cgroup.Kill(dir) }

// RemoveCgroup removes it, as soon as nothing lives in it.
func (k *Linux) RemoveCgroup(dir string) { k.cgroups.Remove(dir) }

// execHolder executes ourselves as a holder that has the descriptors of the command, and
// its socket after them, and the folder of the control group unless that is negative. It has all signals blocked from the beginning, and a group of its
// own, so that what is sent to ours by a terminal does not come twice.
func (k *Linux) execHolder(c *Command, channel, folder int) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all, old := unix.Sigset_t{}, unix.Sigset_t{}
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		return 0, err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	attr := &syscall.ProcAttr{Env: c.Env, Files: make([]uintptr, 0, len(c.Files)+2), Sys: &syscall.SysProcAttr{Setpgid: true}}
	for _, fd := range c.Files {
		attr.Files = append(attr.Files, uintptr(fd))
	}
	attr.Files = append(attr.Files, uintptr(channel))
	numbers := strconv.Itoa(len(c.Files))
	if folder >= 0 {
		attr.Files = append(attr.Files, uintptr(folder))
		numbers += "," + strconv.Itoa(len(c.Files)+1)
	}
	argv := append([]string{holder.Name, numbers, c.Path}, c.Argv...)
	k.score.Lend()
	defer k.score.Keep()
	pid, err := syscall.ForkExec(ownExecutable, argv, attr)
	if err == syscall.ENOENT { // there is no /proc
		if path := startedAs(); path != "" {
			pid, err = syscall.ForkExec(path, argv, attr)
		}
	}
	switch err {
	case syscall.EACCES, syscall.EPERM, syscall.ENOENT, syscall.ENOTDIR, syscall.ENOEXEC, syscall.ENOSYS, syscall.ELOOP, syscall.EINVAL:
		return 0, NoHolder("our executable cannot be executed again: " + err.Error())
	}
	return pid, err
}

// ownExecutable is what we are, also when the file is deleted or replaced.
const ownExecutable = "/proc/self/exe"

// auxPath is the entry of the auxiliary vector for the path that was executed.
const auxPath = 31

// startedAs is the path by which we were executed, "" if nobody says, or if it depends on a
// directory.
func startedAs() string {
	entries, err := unix.Auxv()
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if e[0] == auxPath {
			at := e[1]
			if path := unix.BytePtrToString(*(**byte)(unsafe.Pointer(&at))); strings.HasPrefix(path, "/") {
				return path
			}
		}
	}
	return ""
}

// tableOf is what a command asks for between the fork and the execve, in Spawn's order. The
// descriptor free is the lowest one that is not in use then.
func tableOf(c *Command, free int) *holder.Table {
	t := &holder.Table{}
	t.Add("setpgid", unix.SYS_SETPGID, 0, 0)
	if c.Foreground {
		t.AddWithPID("take the terminal", unix.SYS_IOCTL, 2, 0, unix.TIOCSPGRP)
	}
	if c.Umask >= 0 {
		t.Add("set umask", unix.SYS_UMASK, c.Umask)
	}
	c.Attributes.Add(t, false, free)
	c.Attributes.KeepCapabilities(t, isCapability)
	if u := c.Credential; u != nil {
		groups := make([]byte, 0, 4*len(u.Groups))
		for _, g := range u.Groups {
			groups = binary.NativeEndian.AppendUint32(groups, uint32(g))
		}
		t.Add("setgroups", unix.SYS_SETGROUPS, len(u.Groups), holder.Bytes(groups))
		t.Add("setgid to "+strconv.Itoa(u.GID), unix.SYS_SETGID, u.GID)
		t.Add("setuid to "+strconv.Itoa(u.UID), unix.SYS_SETUID, u.UID)
	}
	if c.Dir != "" {
		t.Add("chdir to "+c.Dir, unix.SYS_CHDIR, holder.Bytes(c.Dir+"\x00"))
	}
	c.Attributes.Add(t, true, free)
	if c.PIDVariable != "" {
		t.SetPID(c.PIDVariable)
	}
	return t
}

// isCapability reports whether we may hand on the capability of that number.
func isCapability(n int) bool {
	on, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0)
	return err == nil && on == 1
}

// Relative is a descendant of a process.
type Relative struct {
	PID, Parent, Group, Session int
	Start                       uint64 // ticks since the machine's start
	Zombie                      bool
}

// Descendants returns those of a process, its children first, each generation in the order
// in which they became children. It is nil if the kernel does not tell.
func (k *Linux) Descendants(root int) []Relative {
	var list []Relative
	seen := map[int]bool{root: true}
	for next := []int{root}; len(next) > 0; {
		var children []int
		for _, parent := range next {
			for _, pid := range k.childrenOf(parent) {
				r, ok := k.relative(pid)
				if !ok || seen[pid] || r.Parent != parent && r.Parent != root {
					continue
				}
				seen[pid] = true
				list = append(list, r)
				children = append(children, pid)
			}
		}
		next = children
	}
	return list
}

// childrenOf returns the children of all threads of a process.
func (k *Linux) childrenOf(pid int) (pids []int) {
	tasks := "/proc/" + strconv.Itoa(pid) + "/task"
	dir, err := os.ReadDir(tasks)
	if err != nil {
		return nil
	}
	for _, thread := range dir {
		for _, word := range strings.Fields(k.readProc(tasks + "/" + thread.Name() + "/children")) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// Places in /proc/PID/stat, counted behind the name, which may contain anything.
const (
	statState = iota
	statParent
	statGroup
	statSession
	statStart = 19
)

// relative reads what /proc says about a process.
func (k *Linux) relative(pid int) (Relative, bool) {
	text := k.readProc("/proc/" + strconv.Itoa(pid) + "/stat")
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(f) <= statStart {
		return Relative{}, false
	}
	r := Relative{PID: pid, Zombie: f[statState] == "Z" || f[statState] == "X"}
	r.Parent, _ = strconv.Atoi(f[statParent])
	r.Group, _ = strconv.Atoi(f[statGroup])
	r.Session, _ = strconv.Atoi(f[statSession])
	r.Start, _ = strconv.ParseUint(f[statStart], 10, 64)
	return r, true
}

// sweepRounds bounds how often a tree is looked at for what is new in it.
const sweepRounds = 16

// SignalTree sends a signal to all descendants of a process that we have started, and
// returns how many there are. For SIGKILL they are stopped first, until nothing new is
// found: what forks while it is killed would get away. Chains of processes that fork and
// end can outrun this; so it is called again as long as something is left.
func (k *Linux) SignalTree(root int, sig syscall.Signal) int {
	stopped := map[int]bool{}
	for range sweepRounds {
		list := living(k.Descendants(root))
		fresh := 0
		for _, r := range list {
			if sig == syscall.SIGKILL && !stopped[r.PID] {
				stopped[r.PID] = true
				fresh++
				k.signalRelative(r, list, root, syscall.SIGSTOP)
			}
		}
		if fresh > 0 {
			continue
		}
		for _, r := range list {
			k.signalRelative(r, list, root, sig)
		}
		return len(list)
	}
	list := living(k.Descendants(root))
	for _, r := range list {
		k.signalRelative(r, list, root, sig)
	}
	return len(list)
}

// SignalRelative signals one descendant of a process.
func (k *Linux) SignalRelative(root, pid int, sig syscall.Signal) {
	tree := k.Descendants(root)
	for _, r := range tree {
		if r.PID == pid && !r.Zombie {
			k.signalRelative(r, tree, root, sig)
		}
	}
}

func living(list []Relative) []Relative {
	kept := list[:0]
	for _, r := range list {
		if !r.Zombie {
			kept = append(kept, r)
		}
	}
	return kept
}

// signalRelative signals a descendant of root. Its number may have become another's since
// it was read: with a descriptor for it, it is looked at once more, and signalled by that.
func (k *Linux) signalRelative(r Relative, tree []Relative, root int, sig syscall.Signal) {
	fd, err := unix.PidfdOpen(r.PID, 0)
	if err == unix.ESRCH {
		return
	}
	if err == nil {
		defer unix.Close(fd)
	}
	now, ok := k.relative(r.PID)
	if !ok || now.Start != r.Start || now.Parent != root && now.Parent != r.Parent && !among(tree, now.Parent) {
		return
	}
	if err == nil && !isRefused(unix.PidfdSendSignal(fd, sig, nil, 0)) {
		return
	}
	syscall.Kill(r.PID, sig) // before Linux 5.3, and where that is refused
}

func among(list []Relative, pid int) bool {
	for _, r := range list {
		if r.PID == pid {
			return true
		}
	}
	return false
}
