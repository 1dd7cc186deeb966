package kernel_test

import (
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/early"
	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/sockets"
)

// playing is the argument zero by which this executable plays scripts.
const playing = "play"

func TestMain(m *testing.M) {
	if os.Args[0] == playing {
		early.Release() // where it is linked with the entry
		os.Exit(play(os.Args[1:]))
	}
	if os.Args[0] == refusing {
		os.Exit(refuse(os.Args[1]))
	}
	os.Exit(m.Run())
}

// What the simulated machine does is what Linux does. There is one Linux for all: its
// children and signals are those of the whole process, and nobody else here has any.
func TestLinuxKeepsTheContract(t *testing.T) {
	k, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := kernel.BecomeSubreaper(); err != nil {
		t.Fatal(err)
	}
	kerneltest.Contract(t, onLinux(k))
}

// onLinux runs tests of a contract one after another on the same Linux.
func onLinux(k *kernel.Linux) func(*testing.T, func(*testing.T, *kerneltest.Bench)) {
	return func(t *testing.T, test func(*testing.T, *kerneltest.Bench)) {
		before := descriptors(t)
		defer func() {
			for fd := range descriptors(t) {
				if !before[fd] {
					k.Unwatch(fd)
					k.Close(fd)
				}
			}
		}()
		defer bury(k)
		k.Signals()
		old := syscall.Umask(0o022)
		defer syscall.Umask(old)
		test(t, &kerneltest.Bench{
			System: k,
			Command: func(scripts ...string) *kernel.Command {
				return &kernel.Command{Path: "/proc/self/exe", Argv: append([]string{playing}, scripts...), Env: os.Environ(), Umask: -1}
			},
			Dir:    t.TempDir(),
			Dial:   dial,
			Files:  func(conn io.ReadWriteCloser) []string { return conn.(*client).files },
			Link:   func(name, target string) { os.Symlink(target, name) },
			Signal: func(sig syscall.Signal) { syscall.Kill(os.Getpid(), sig) },
			Port:   func() int { return testkit.FreePort(t) },
			UID:    os.Geteuid(),
		})
	}
}

// bury ends and reaps what a test that has failed may have left.
func bury(k *kernel.Linux) {
	for {
		for _, pid := range k.Children() {
			k.Kill(pid, syscall.SIGKILL)
		}
		pid, err := k.Peek()
		if err != nil {
			return
		}
		if pid != 0 {
			k.Reap(pid)
		}
	}
}

// descriptors are those that this process has open.
func descriptors(t *testing.T) map[int]bool {
	t.Helper()
	open := map[int]bool{}
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			open[fd] = true
		}
	}
	return open
}

// client is somebody who is connected to us. It is made of plain calls: the descriptors of
// this process are to be those that a test knows of.
type client struct {
	fd    int
	files []string
}

func dial(address string) (io.ReadWriteCloser, error) {
	family, to := unix.AF_UNIX, unix.Sockaddr(&unix.SockaddrUnix{Name: address})
	if at, wrong := sockets.ParseAddress("tcp://" + address); wrong == "" {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Port: at.Port, Addr: [4]byte(at.IP[:4])}
		if at.IPv6 {
			family, to = unix.AF_INET6, &unix.SockaddrInet6{Port: at.Port, Addr: at.IP}
		}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, to); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &client{fd: fd}, nil
}

func (c *client) Read(p []byte) (int, error) {
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(c.fd, p, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	messages, _ := unix.ParseSocketControlMessage(oob[:oobn])
	for i := range messages {
		fds, _ := unix.ParseUnixRights(&messages[i])
		for _, fd := range fds {
			var text strings.Builder
			buf := make([]byte, 4096)
			for {
				n, err := unix.Read(fd, buf)
				if n <= 0 || err != nil {
					break
				}
				text.Write(buf[:n])
			}
			unix.Close(fd)
			c.files = append(c.files, text.String())
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (c *client) Write(p []byte) (int, error) { return unix.Write(c.fd, p) }

func (c *client) Close() error {
	if c.fd < 0 {
		return net.ErrClosed
	}
	err := unix.Close(c.fd)
	c.fd = -1
	return err
}
