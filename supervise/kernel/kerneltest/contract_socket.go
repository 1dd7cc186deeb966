package kerneltest

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/sockets"
)

var socketClaims = []claim{
	{"a connection is accepted, talks, ends", func(b *bench) {
		ours, theirs := b.connection()
		uid, err := b.PeerUID(ours)
		b.must(err)
		equal(b, "user", uid, b.UID)
		pid, err := b.PeerPID(ours)
		b.must(err)
		equal(b, "there is a process", pid > 0, true)
		_, err = b.Read(ours, make([]byte, 8))
		b.is("reading too early", err, syscall.EAGAIN)
		theirs.Write([]byte("ask\n"))
		equal(b, "question", b.line(ours), "ask")
		n, err := b.Send(ours, []byte("answer"), -1)
		b.must(err)
		equal(b, "sent", n, 6)
		buf := make([]byte, 64)
		n, _ = theirs.Read(buf)
		equal(b, "answer", string(buf[:n]), "answer")
		theirs.Close()
		_, err = b.Read(ours, buf)
		b.is("the end", err, io.EOF)
		_, err = b.Send(ours, []byte("x"), -1)
		b.is("sending afterwards", err, syscall.EPIPE)
		b.must(b.Close(ours))
	}},
	{"what a connection is ready for", func(b *bench) {
		ours, theirs := b.connection()
		b.must(b.Watch(ours, kernel.Readable|kernel.Writable))
		equal(b, "at first", b.ready(ours), kernel.Writable)
		theirs.Write([]byte("x"))
		b.becomes(ours, kernel.Readable|kernel.Writable)
		b.Read(ours, make([]byte, 1))
		equal(b, "after reading", b.ready(ours), kernel.Writable)
		theirs.Close()
		b.becomes(ours, kernel.Readable|kernel.Writable|kernel.Hangup)
		b.must(b.Watch(ours, 0))
		equal(b, "watched for nothing", b.ready(ours), kernel.Hangup)
		b.Unwatch(ours)
		b.must(b.Close(ours))
	}},
	{"a peer that does not read", func(b *bench) {
		ours, theirs := b.connection()
		b.must(b.Watch(ours, kernel.Writable))
		part, sent := []byte(strings.Repeat("x", 8<<10)), 0
		for {
			n, err := b.Send(ours, part, -1)
			b.must(err)
			if sent += n; n == 0 {
				break
			}
		}
		equal(b, "ready", b.ready(ours), 0)
		buf := make([]byte, 64<<10)
		for left := sent; left > 0; {
			n, err := theirs.Read(buf)
			b.must(err)
			left -= n
		}
		b.becomes(ours, kernel.Writable)
		theirs.Close()
		b.Unwatch(ours)
		b.must(b.Close(ours))
	}},
	{"a peer that goes without reading", func(b *bench) {
		ours, theirs := b.connection()
		b.Send(ours, []byte("unread"), -1)
		theirs.Close()
		_, err := b.Read(ours, make([]byte, 8))
		b.is("reading", err, syscall.ECONNRESET)
		_, err = b.Read(ours, make([]byte, 8))
		b.is("reading again", err, io.EOF)
		b.must(b.Close(ours))
	}},
	{"a descriptor goes along", func(b *bench) {
		b.must(b.WriteFile(b.path("log"), []byte("content"), 0o644))
		fd, _, err := b.OpenRead(b.path("log"))
		b.must(err)
		ours, theirs := b.connection()
		n, err := b.Send(ours, []byte("here"), fd)
		b.must(err)
		equal(b, "sent", n, 4)
		b.must(b.Close(fd))
		buf := make([]byte, 64)
		n, err = theirs.Read(buf)
		b.must(err)
		equal(b, "read", string(buf[:n]), "here")
		equal(b, "files", strings.Join(b.Files(theirs), " "), "content")
		theirs.Close()
		b.must(b.Close(ours))
	}},
	{"who listens at a path", listenUnix},
	{"who listens at a name without a file", func(b *bench) {
		name := b.abstract()
		fd, err := b.ListenAbstract(name)
		b.must(err)
		_, err = b.ListenAbstract(name)
		b.is("a second one", err, syscall.EADDRINUSE)
		conn, err := b.Dial(name)
		b.must(err)
		ours, err := b.Accept(fd)
		b.must(err)
		conn.Close()
		b.must(b.Close(ours))
		b.must(b.Close(fd))
		fd, err = b.ListenAbstract(name)
		b.must(err)
		b.must(b.Close(fd))
	}},
	{"who listens at an address", func(b *bench) {
		if _, err := b.ListenTCP("example.com", 80); err == nil || !strings.Contains(err.Error(), "numeric") {
			b.t.Errorf("a name: error %v, want that it is not numeric", err)
		}
		port := b.Port()
		fd, err := b.ListenTCP("127.0.0.1", port)
		b.must(err)
		_, err = b.ListenTCP("127.0.0.1", port)
		b.is("a second one", err, syscall.EADDRINUSE)
		b.Backlog(fd, 5)
		_, err = b.Accept(fd)
		b.is("accepting", err, syscall.EAGAIN)
		b.must(b.Close(fd))
	}},
	{"a listener is ready while somebody waits", func(b *bench) {
		fd, err := b.ListenUnix(b.path("sock"), 0o600, -1, -1)
		b.must(err)
		b.must(b.Watch(fd, kernel.Readable))
		equal(b, "at first", b.ready(fd), 0)
		conn, err := b.Dial(b.path("sock"))
		b.must(err)
		b.becomes(fd, kernel.Readable)
		ours, err := b.Accept(fd)
		b.must(err)
		equal(b, "afterwards", b.ready(fd), 0)
		conn.Close()
		b.must(b.Close(ours))
		b.Unwatch(fd)
		b.must(b.Close(fd))
	}},
	{"a socket that a configuration describes", bindSocket},
	{"who is connected to a socket", connected},
	{"a pair of sockets", func(b *bench) {
		ours, theirs, err := b.Pair()
		b.must(err)
		null, err := b.Null()
		b.must(err)
		c := b.Command("read 3", "print 3 answer", "read 3")
		c.Files = []int{null, null, null, theirs}
		pid, err := b.Spawn(c)
		b.must(err)
		b.must(b.Close(theirs))
		b.must(b.Close(null))
		_, err = b.Read(ours, make([]byte, 1))
		b.is("reading too early", err, syscall.EAGAIN)
		b.Send(ours, []byte("ask\n"), -1)
		equal(b, "answer", b.line(ours), "answer")
		b.must(b.Close(ours))
		equal(b, "exit", b.dead(pid), kernel.Exit{})
	}},
	{"a program says how it is", func(b *bench) {
		fd, name, err := b.ListenNotify()
		b.must(err)
		buf := make([]byte, 64)
		_, _, err = b.ReceiveNotify(fd, buf)
		b.is("too early", err, syscall.EAGAIN)
		c := b.Command(`notify READY=1\nSTATUS=fine`, "notify second")
		c.Env = append(c.Env, "NOTIFY_SOCKET="+name)
		pid, err := b.Spawn(c)
		b.must(err)
		b.dead(pid)
		b.must(b.Tell(name, "third"))
		for _, want := range []string{"READY=1\nSTATUS=fine", "second", "third"} {
			n, uid, err := b.ReceiveNotify(fd, buf)
			b.must(err)
			equal(b, "message", string(buf[:n]), want)
			equal(b, "user", uid, b.UID)
		}
		b.must(b.Close(fd))
		b.is("telling nobody", b.Tell(name, "fourth"), syscall.ECONNREFUSED)
	}},
}

// connection returns both ends of a connection.
func (b *bench) connection() (ours int, theirs io.ReadWriteCloser) {
	b.t.Helper()
	fd, err := b.ListenUnix(b.path("sock"), 0o600, -1, -1)
	b.must(err)
	_, err = b.Accept(fd)
	b.is("accepting nobody", err, syscall.EAGAIN)
	theirs, err = b.Dial(b.path("sock"))
	b.must(err)
	ours, err = b.Accept(fd)
	b.must(err)
	b.must(b.Close(fd))
	b.must(b.Remove(b.path("sock")))
	return ours, theirs
}

func bindSocket(b *bench) {
	path := b.path("sock")
	is := &sockets.Socket{Name: "web", Address: sockets.Address{Network: sockets.Unix, Path: path}, Mode: 0o640, UID: -1, GID: -1, Backlog: 5}
	fd, err := b.Bind(is)
	b.must(err)
	info, err := b.Stat(path)
	b.must(err)
	equal(b, "mode", info.Mode, syscall.S_IFSOCK|0o640)
	_, err = b.Bind(is)
	b.is("a second one", err, syscall.EADDRINUSE)
	conn, err := b.Dial(path) // nobody accepts
	b.must(err)
	is.Mode = 0o600
	b.must(b.Retune(fd, is))
	info, err = b.Stat(path)
	b.must(err)
	equal(b, "mode afterwards", info.Mode, syscall.S_IFSOCK|0o600)
	conn.Close()
	b.must(b.Close(fd))
	fd, err = b.Bind(is) // nobody answers at the file
	b.must(err)
	b.must(b.Close(fd))
	b.must(b.Remove(path))
	b.must(b.WriteFile(path, []byte("x"), 0o644))
	_, err = b.Bind(is)
	b.is("at a file", err, syscall.EADDRINUSE)
	for _, text := range []string{b.at("tcp://127.0.0.1"), b.at("udp://127.0.0.1"), "unix://" + b.abstract()} {
		is := &sockets.Socket{Name: "web", UID: -1, GID: -1, Backlog: 5}
		is.Address, _ = sockets.ParseAddress(text)
		fd, err := b.Bind(is)
		b.must(err)
		_, err = b.Bind(is)
		b.is("a second one at "+text, err, syscall.EADDRINUSE)
		b.must(b.Close(fd))
	}
}

// abstract returns an abstract name that nobody has.
func (b *bench) abstract() string {
	return fmt.Sprintf("@slipway-contract-%d-%d", os.Getpid(), b.Port())
}

// at returns a host with a port that nobody has.
func (b *bench) at(host string) string { return fmt.Sprintf("%s:%d", host, b.Port()) }

func connected(b *bench) {
	for _, address := range []string{b.path("sock"), b.abstract(), b.at("127.0.0.1"), b.at("0.0.0.0"), b.at("[::1]")} {
		scheme := "unix://"
		if strings.Contains(address, ":") {
			scheme = "tcp://"
		}
		is := &sockets.Socket{Name: "web", Mode: 0o600, UID: -1, GID: -1, Backlog: 5}
		is.Address, _ = sockets.ParseAddress(scheme + address)
		fd, err := b.Bind(is)
		if err == syscall.EADDRNOTAVAIL && is.IPv6 {
			continue // this machine has none
		}
		b.must(err)
		want := func(when string, want bool) {
			b.t.Helper()
			is, err := b.Connected(is)
			b.must(err)
			equal(b, address+" "+when, is, want)
		}
		want("at first", false)
		conn, err := b.Dial(address)
		b.must(err)
		want("while somebody waits", true)
		ours, err := b.Accept(fd)
		b.must(err)
		want("while somebody is served", true)
		conn.Close()
		want("until the server has closed as well", true)
		b.must(b.Close(ours))
		want("afterwards", false)
		conn, err = b.Dial(address)
		b.must(err)
		ours, err = b.Accept(fd)
		b.must(err)
		b.must(b.Close(ours)) // the server closes first
		conn.Close()
		want("at last", false)
		b.must(b.Close(fd))
		if is.IsFile() {
			b.must(b.Remove(is.Path))
		}
	}
}

func listenUnix(b *bench) {
	path := b.path("sock")
	fd, err := b.ListenUnix(path, 0o620, -1, -1)
	b.must(err)
	info, err := b.Stat(path)
	b.must(err)
	equal(b, "mode", info.Mode, syscall.S_IFSOCK|0o620)
	_, err = b.ListenUnix(path, 0o600, -1, -1)
	b.is("a second one", err, kernel.ErrInUse)
	b.must(b.Close(fd))
	if _, err := b.Dial(path); err == nil {
		b.t.Error("somebody has connected where nobody listens")
	}
	fd, err = b.ListenUnix(path, 0o600, b.UID, -1)
	b.must(err)
	b.must(b.Close(fd))
	b.must(b.Remove(path))

	b.must(b.WriteFile(b.path("plain"), []byte("x"), 0o644))
	_, err = b.ListenUnix(b.path("plain"), 0o600, -1, -1)
	b.is("at a file", err, syscall.EADDRINUSE)
	_, err = b.ListenUnix(b.path("none/sock"), 0o600, -1, -1)
	b.is("without the directory", err, syscall.ENOENT)
	_, err = b.ListenUnix(b.path(strings.Repeat("x", 120)), 0o600, -1, -1)
	b.is("a path that is too long", err, syscall.EINVAL)
}
