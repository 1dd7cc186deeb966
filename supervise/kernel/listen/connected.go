package listen

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/internal/way"
	"slipway/supervise/sockets"
)

// Connected reports whether somebody is connected to a socket that takes connections: waits to
// be accepted, or is served. It reads the kernel's list of all connections up to the first one.
// The error is a syscall.Errno.
func (System) Connected(s *sockets.Socket) (bool, error) {
	is, file := ofUnix(s.Path), "/proc/net/unix"
	if !s.IsUnix() {
		is, file = ofTCP(&s.Address), "/proc/net/tcp"
		if s.IPv6 {
			file = "/proc/net/tcp6"
		}
	}
	return anyLine(file, is)
}

// ofTCP tells whether a line of /proc/net/tcp is a connection to an address. What no process
// has any more, and is only kept for what may still arrive, is none.
func ofTCP(a *sockets.Address) func(line []byte) bool {
	const local, state, inode = 1, 3, 9
	address := hexAddress(a)
	return func(line []byte) bool {
		f := bytes.Fields(line)
		if len(f) <= inode || !bytes.HasSuffix(f[local], []byte(address)) {
			return false
		}
		switch string(f[state]) {
		case "01", "03", "08": // established, being established, closed by the client
			return true
		case "04", "05": // closed by the server for its direction
			return string(f[inode]) != "0"
		}
		return false
	}
}

// hexAddress is an address as /proc/net/tcp has it, or the end of it for all addresses: the
// words of the address as the processor has them, and the port.
func hexAddress(a *sockets.Address) string {
	size := 4
	if a.IPv6 {
		size = 16
	}
	hex := func(n uint32, width int) string {
		text := strings.ToUpper(strconv.FormatUint(uint64(n), 16))
		return strings.Repeat("0", width-len(text)) + text
	}
	text, any := "", true
	for i := 0; i < size; i += 4 {
		word := binary.NativeEndian.Uint32(a.IP[i:])
		any = any && word == 0
		text += hex(word, 8)
	}
	if any {
		text = ""
	}
	return text + ":" + hex(uint32(a.Port), 4)
}

// ofUnix tells whether a line of /proc/net/unix is a connection to a socket. Of one that was
// bound in an open folder the kernel knows the last name only: another one of that name there
// counts as well, and keeps a program from being stopped.
func ofUnix(path string) func(line []byte) bool {
	below, last := []byte(" "+way.BoundBelow), []byte(path[strings.LastIndexByte(path, '/')+1:])
	const state, text = 5, 7 // the fields before the path have no blanks
	return func(line []byte) bool {
		f := bytes.Fields(line)
		if len(f) <= text {
			return false
		}
		if !bytes.HasSuffix(line, []byte(" "+path)) && (!bytes.Contains(line, below) || !bytes.HasSuffix(line, append([]byte("/"), last...))) {
			return false
		}
		return string(f[state]) == "03" || string(f[state]) == "02" // connected, or to be accepted
	}
}

// anyLine reports whether a file of /proc has a line that is.
func anyLine(file string, is func(line []byte) bool) (bool, error) {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	buf, used := make([]byte, 16<<10), 0
	for {
		n, err := unix.Read(fd, buf[used:])
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false, err
		case n == 0:
			return false, nil
		}
		used += n
		rest := buf[:used]
		for {
			line, after, whole := bytes.Cut(rest, []byte("\n"))
			if !whole {
				break
			}
			if is(line) {
				return true, nil
			}
			rest = after
		}
		if used = copy(buf, rest); used == len(buf) {
			used = 0 // no line is that long
		}
	}
}
