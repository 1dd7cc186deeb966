package kernel

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// WhoListens says which process listens at a unix socket, or with path "" at a TCP port of
// this machine, such as "nginx (pid 12)"; "" if that cannot be told: it is in another
// container, or of another user. It looks at every process, so it is for errors only.
func (k *Linux) WhoListens(path string, port int) string {
	pid := 0
	if path != "" {
		pid = listenerOf(path)
	} else if sockets := listening(port); len(sockets) > 0 {
		pid = ownerOf(sockets)
	}
	switch {
	case pid <= 0:
		return ""
	case pid == os.Getpid():
		return "another section of the same configuration"
	}
	text := "pid " + strconv.Itoa(pid)
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil || len(name) < 2 {
		return "a process with " + text
	}
	return strings.TrimSuffix(string(name), "\n") + " (" + text + ")"
}

// listenerOf asks the kernel who has called listen(2) for a unix socket.
func listenerOf(path string) int {
	fd, err := unix.Socket(unix.AF_UNIX, socketFlags, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	if unix.Connect(fd, &unix.SockaddrUnix{Name: path}) != nil {
		return 0
	}
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0
	}
	return int(cred.Pid)
}

// listening returns what links in /proc/PID/fd say of the TCP sockets that listen at a port.
func listening(port int) map[string]bool {
	const address, state, inode, listens = 1, 3, 9, "0A" // of /proc/net/tcp
	sockets := map[string]bool{}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(file)
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) <= inode || f[state] != listens {
				continue
			}
			_, digits, _ := strings.Cut(f[address], ":")
			if n, err := strconv.ParseUint(digits, 16, 16); err == nil && int(n) == port {
				sockets["socket:["+f[inode]+"]"] = true
			}
		}
	}
	return sockets
}

// ownerOf returns a process that has one of the sockets open.
func ownerOf(sockets map[string]bool) int {
	processes, _ := os.ReadDir("/proc")
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		dir := "/proc/" + p.Name() + "/fd/"
		files, _ := os.ReadDir(dir)
		for _, f := range files {
			if target, err := os.Readlink(dir + f.Name()); err == nil && sockets[target] {
				return pid
			}
		}
	}
	return 0
}
