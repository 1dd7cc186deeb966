package kerneltest

import (
	"io"
	"strings"
	"syscall"

	"slipway/supervise/kernel"
)

var socketClaims = []claim{
	{"a connection is accepted, talks, ends", func(b *bench) {
		ours, theirs := b.connection()
		uid, err := b.PeerUID(ours)
		b.must(err)
		equal(b, "user", uid, b.UID)
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
		fd, err := b.ListenAbstract("@slipway-contract")
		b.must(err)
		_, err = b.ListenAbstract("@slipway-contract")
		b.is("a second one", err, syscall.EADDRINUSE)
		conn, err := b.Dial("@slipway-contract")
		b.must(err)
		ours, err := b.Accept(fd)
		b.must(err)
		conn.Close()
		b.must(b.Close(ours))
		b.must(b.Close(fd))
		fd, err = b.ListenAbstract("@slipway-contract")
		b.must(err)
		b.must(b.Close(fd))
	}},
	{"who listens at an address", func(b *bench) {
		if _, err := b.ListenTCP("example.com", 80); err == nil || !strings.Contains(err.Error(), "numeric") {
			b.t.Errorf("a name: error %v, want that it is not numeric", err)
		}
		const port = 42631
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
		for _, want := range []string{"READY=1\nSTATUS=fine", "second"} {
			n, uid, err := b.ReceiveNotify(fd, buf)
			b.must(err)
			equal(b, "message", string(buf[:n]), want)
			equal(b, "user", uid, b.UID)
		}
		b.must(b.Close(fd))
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
