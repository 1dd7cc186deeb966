package kerneltest

import (
	"io"
	"syscall"
	"time"
)

var fileClaims = []claim{
	{"what a file is", func(b *bench) {
		b.must(b.WriteFile(b.path("plain"), []byte("12345"), 0o640))
		b.Link(b.path("link"), "plain")
		b.Link(b.path("dangling"), "nowhere")
		b.Link(b.path("loop"), "loop")
		for _, name := range []string{"plain", "link"} {
			info, err := b.Stat(b.path(name))
			b.must(err)
			equal(b, "regular", info.IsRegular(), true)
			equal(b, "size", info.Size, 5)
			equal(b, "permissions", info.Mode&0o777, 0o640)
		}
		one, _ := b.Stat(b.path("plain"))
		two, _ := b.Stat(b.path("link"))
		equal(b, "what a link means", two, one)
		equal(b, "written a moment ago", b.Now().Sub(one.Modified).Abs() < time.Minute, true)
		info, err := b.Stat(b.Dir)
		b.must(err)
		equal(b, "a directory", info.IsDir() && !info.IsRegular(), true)
		info, err = b.Stat("/dev/null")
		b.must(err)
		equal(b, "nothing", info.IsNull(), true)
		equal(b, "nothing is a file", info.IsRegular(), false)
		_, err = b.Stat(b.path("none"))
		b.is("none", err, syscall.ENOENT)
		_, err = b.Stat("")
		b.is("no name", err, syscall.ENOENT)
		_, err = b.Stat(b.path("dangling"))
		b.is("a link to nowhere", err, syscall.ENOENT)
		_, err = b.Stat(b.path("loop"))
		b.is("a link to itself", err, syscall.ELOOP)
		_, err = b.Stat(b.path("plain/x"))
		b.is("below a file", err, syscall.ENOTDIR)
	}},
	{"a device that is full", func(b *bench) {
		fd, err := b.OpenFile("/dev/full", syscall.O_RDWR|syscall.O_APPEND|syscall.O_CREAT, 0o644)
		b.must(err)
		n, err := b.Write(fd, []byte("x"))
		equal(b, "written", n, 0)
		b.is("writing", err, syscall.ENOSPC)
		buf := []byte("xx")
		n, err = b.Read(fd, buf)
		b.must(err)
		equal(b, "read", string(buf[:n]), "\x00\x00")
		info, err := b.StatOpen(fd)
		b.must(err)
		equal(b, "it is a file, or nothing", info.IsRegular() || info.IsNull(), false)
		b.must(b.Close(fd))
	}},
	{"links", func(b *bench) {
		b.must(b.WriteFile(b.path("plain"), nil, 0o644))
		b.Link(b.path("link"), "/dev/stdout")
		to, err := b.ReadLink(b.path("link"))
		b.must(err)
		equal(b, "link", to, "/dev/stdout")
		_, err = b.ReadLink(b.path("plain"))
		b.is("a file", err, syscall.EINVAL)
		_, err = b.ReadLink(b.path("none"))
		b.is("none", err, syscall.ENOENT)
	}},
	{"what may be executed", func(b *bench) {
		b.must(b.WriteFile(b.path("plain"), nil, 0o644))
		b.must(b.WriteFile(b.path("program"), nil, 0o755))
		b.is("a file", b.MayExecute(b.path("plain")), syscall.EACCES)
		b.is("a program", b.MayExecute(b.path("program")), nil)
		b.is("none", b.MayExecute(b.path("none")), syscall.ENOENT)
	}},
	{"reading", func(b *bench) {
		b.must(b.WriteFile(b.path("plain"), []byte("0123456789"), 0o644))
		fd, info, err := b.OpenRead(b.path("plain"))
		b.must(err)
		equal(b, "size", info.Size, 10)
		buf := make([]byte, 4)
		n, err := b.ReadAt(fd, buf, 8)
		b.must(err)
		equal(b, "the end", string(buf[:n]), "89")
		_, err = b.ReadAt(fd, buf, 10)
		b.is("beyond the end", err, io.EOF)
		n, err = b.Read(fd, buf)
		b.must(err)
		equal(b, "the beginning", string(buf[:n]), "0123")
		at, err := b.Position(fd)
		b.must(err)
		equal(b, "position", at, 4)
		n, _ = b.Read(fd, make([]byte, 100))
		equal(b, "rest", n, 6)
		_, err = b.Read(fd, buf)
		b.is("the end", err, io.EOF)
		_, err = b.Write(fd, []byte("x"))
		b.is("writing", err, syscall.EBADF)
		b.must(b.Close(fd))
		_, _, err = b.OpenRead(b.path("none"))
		b.is("none", err, syscall.ENOENT)
		fd, info, err = b.OpenRead(b.Dir)
		b.must(err)
		equal(b, "a directory", info.IsDir(), true)
		_, err = b.Read(fd, buf)
		b.is("reading a directory", err, syscall.EISDIR)
		b.must(b.Close(fd))
		r, w, err := b.Pipe()
		b.must(err)
		_, err = b.ReadAt(r, buf, 0)
		b.is("a place in a pipe", err, syscall.ESPIPE)
		_, err = b.Position(r)
		b.is("the position in a pipe", err, syscall.ESPIPE)
		b.must(b.Close(r))
		b.must(b.Close(w))
	}},
	{"a log file", func(b *bench) {
		const flags = syscall.O_WRONLY | syscall.O_APPEND | syscall.O_CREAT | syscall.O_NONBLOCK | syscall.O_NOCTTY
		fd, err := b.OpenFile(b.path("log"), flags, 0o600)
		b.must(err)
		info, err := b.StatOpen(fd)
		b.must(err)
		equal(b, "permissions", info.Mode, syscall.S_IFREG|0o600)
		_, err = b.Write(fd, []byte("one\n"))
		b.must(err)
		at, err := b.Position(fd)
		b.must(err)
		equal(b, "position", at, 4)
		other, err := b.OpenFile(b.path("log"), flags, 0o600)
		b.must(err)
		at, _ = b.Position(other)
		equal(b, "position of one who has not written", at, 0)
		b.Write(other, []byte("two\n"))
		at, _ = b.Position(other)
		equal(b, "position of one who has appended", at, 8)

		b.must(b.Rename(b.path("log"), b.path("log.1")))
		b.Write(fd, []byte("three\n"))
		equal(b, "the renamed file", b.text("log.1"), "one\ntwo\nthree\n")
		_, err = b.Stat(b.path("log"))
		b.is("the old name", err, syscall.ENOENT)
		b.must(b.Truncate(fd))
		b.Write(other, []byte("four\n"))
		equal(b, "after the truncation", b.text("log.1"), "four\n")
		b.must(b.Remove(b.path("log.1")))
		_, err = b.Write(fd, []byte("five\n"))
		b.must(err)
		info, err = b.StatOpen(fd)
		b.must(err)
		equal(b, "size of what has no name", info.Size, 10)
		b.must(b.Close(fd))
		b.must(b.Close(other))
	}},
	{"opening", func(b *bench) {
		_, err := b.OpenFile(b.path("x"), syscall.O_WRONLY, 0)
		b.is("none", err, syscall.ENOENT)
		fd, err := b.OpenFile(b.path("x"), syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL, 0o600)
		b.must(err)
		b.Write(fd, []byte("long text"))
		b.must(b.Close(fd))
		_, err = b.OpenFile(b.path("x"), syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL, 0o600)
		b.is("one that is there", err, syscall.EEXIST)
		b.must(b.WriteFile(b.path("x"), []byte("text"), 0o644))
		equal(b, "replaced", b.text("x"), "text")
		_, err = b.OpenFile(b.Dir, syscall.O_WRONLY, 0)
		b.is("a directory", err, syscall.EISDIR)
		b.is("a file in nothing", b.WriteFile(b.path("none/x"), nil, 0o600), syscall.ENOENT)
		b.is("a file below a file", b.WriteFile(b.path("x/y"), nil, 0o600), syscall.ENOTDIR)
	}},
	{"names", func(b *bench) {
		b.must(b.MakeDir(b.path("a/b/c")))
		b.must(b.MakeDir(b.path("a/b/c")))
		info, err := b.Stat(b.path("a/b"))
		b.must(err)
		equal(b, "permissions", info.Mode, syscall.S_IFDIR|0o755)
		b.must(b.WriteFile(b.path("a/x"), []byte("x"), 0o644))
		b.must(b.WriteFile(b.path("a/y"), []byte("y"), 0o644))
		if b.MakeDir(b.path("a/x/z")) == nil {
			b.t.Error("a directory was made below a file")
		}
		b.must(b.Rename(b.path("a/x"), b.path("a/y")))
		equal(b, "replaced", b.text("a/y"), "x")
		b.is("moving none", b.Rename(b.path("a/x"), b.path("a/z")), syscall.ENOENT)
		b.is("moving into nothing", b.Rename(b.path("a/y"), b.path("none/z")), syscall.ENOENT)
		b.is("removing none", b.Remove(b.path("a/x")), syscall.ENOENT)
		b.is("removing a directory", b.Remove(b.path("a/b")), syscall.EISDIR)
		b.must(b.Remove(b.path("a/y")))
	}},
	{"the process itself", func(b *bench) {
		if b.Executable() == "" || b.Executable()[0] != '/' {
			b.t.Errorf("executable = %q, want a path", b.Executable())
		}
		if b.PIDNamespace() == 0 {
			b.t.Error("the PID namespace is not known")
		}
		cur, limit, err := b.Limit(limitFiles)
		b.must(err)
		if cur == 0 || cur > limit {
			b.t.Errorf("limits = %d, %d, want the first within the second", cur, limit)
		}
		b.Trim()
	}},
}

// text returns the content of a file.
func (b *bench) text(name string) string {
	b.t.Helper()
	fd, info, err := b.OpenRead(b.path(name))
	b.must(err)
	defer b.Close(fd)
	buf := make([]byte, info.Size+1)
	n, _ := b.Read(fd, buf)
	return string(buf[:n])
}
