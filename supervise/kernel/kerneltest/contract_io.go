package kerneltest

import (
	"io"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

var pollClaims = []claim{
	{"Wait is never early", func(b *bench) {
		for _, d := range []time.Duration{0, time.Microsecond, 1500 * time.Microsecond, 7 * time.Millisecond} {
			b.waits("Wait", d)
		}
	}},
	{"Wake ends Wait, also the next one", func(b *bench) {
		b.Wake()
		b.Wake()
		if got := b.Wait(nil, -1); len(got) > 0 {
			b.t.Errorf("ready: %v, want nothing", got)
		}
		b.waits("a second Wait", 5*time.Millisecond)
	}},
	{"what is ready stays ready", func(b *bench) {
		r, w := b.watchedPipe(kernel.Readable)
		equal(b, "empty", b.ready(r), 0)
		b.Write(w, []byte("ab"))
		b.becomes(r, kernel.Readable)
		b.Read(r, make([]byte, 1))
		equal(b, "after the first byte", b.ready(r), kernel.Readable)
		b.Read(r, make([]byte, 1))
		equal(b, "after the last byte", b.ready(r), 0)
		b.Unwatch(r)
	}},
	{"the end of a pipe is a hangup, with what is left", func(b *bench) {
		r, w := b.watchedPipe(kernel.Readable)
		b.Write(w, []byte("x"))
		b.must(b.Close(w))
		equal(b, "with a byte", b.ready(r), kernel.Readable|kernel.Hangup)
		b.Read(r, make([]byte, 1))
		equal(b, "without", b.ready(r), kernel.Hangup)
		b.must(b.Watch(r, 0))
		equal(b, "watched for nothing", b.ready(r), kernel.Hangup)
		b.Unwatch(r)
		equal(b, "not watched", b.ready(r), 0)
	}},
	{"the writer of a pipe", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.must(b.Watch(w, kernel.Writable))
		equal(b, "empty", b.ready(w), kernel.Writable)
		b.fill(w)
		equal(b, "full", b.ready(w), 0)
		b.Read(r, make([]byte, 100))
		equal(b, "with a part of a page free", b.ready(w), 0)
		b.Read(r, make([]byte, 3996))
		equal(b, "with a page free", b.ready(w), kernel.Writable)
		b.must(b.Watch(w, kernel.Readable))
		equal(b, "watched for something else", b.ready(w), 0)
		b.must(b.Watch(w, kernel.Writable))
		b.must(b.Close(r))
		equal(b, "without a reader", b.ready(w), kernel.Writable|kernel.Hangup)
		b.Unwatch(w)
	}},
	{"what cannot be watched", func(b *bench) {
		b.is("no descriptor", b.Watch(987, kernel.Readable), syscall.EBADF)
		b.must(b.WriteFile(b.path("plain"), nil, 0o644))
		fd, _, err := b.OpenRead(b.path("plain"))
		b.must(err)
		b.is("a file", b.Watch(fd, kernel.Readable), syscall.EPERM)
		b.Unwatch(fd) // nothing happens
		b.must(b.Close(fd))
	}},
	{"everybody has a turn", func(b *bench) {
		const pipes = 100 // more than Wait returns at once
		var all []int
		for range pipes {
			r, w := b.watchedPipe(kernel.Readable)
			b.Write(w, []byte("x"))
			all = append(all, r)
		}
		seen := map[int]bool{}
		for range 4 {
			for _, r := range b.Wait(nil, 0) {
				seen[r.FD] = true
			}
		}
		equal(b, "seen in four rounds", len(seen), pipes)
		for _, r := range all {
			b.Unwatch(r)
		}
	}},
	{"a program's output wakes Wait", func(b *bench) {
		pid, out := b.play("print 1 hello", "pause")
		b.must(b.Watch(out, kernel.Readable))
		b.becomes(out, kernel.Readable)
		equal(b, "line", b.line(out), "hello")
		b.kill(pid, syscall.SIGKILL)
		b.becomes(out, kernel.Hangup)
		b.Unwatch(out)
		b.dead(pid)
	}},
}

func (b *bench) watchedPipe(want kernel.Mode) (r, w int) {
	b.t.Helper()
	r, w, err := b.Pipe()
	b.must(err)
	b.must(b.Watch(r, want))
	return r, w
}

// fill writes pages to a pipe until it is full, and returns how many bytes it took.
func (b *bench) fill(w int) int {
	page, done := make([]byte, 4096), 0
	for {
		n, err := b.Write(w, page)
		done += n
		if err != nil {
			b.is("writing to a full pipe", err, syscall.EAGAIN)
			return done
		}
	}
}

var pipeClaims = []claim{
	{"a pipe is empty, holds, ends", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		_, err = b.Read(r, make([]byte, 8))
		b.is("empty", err, syscall.EAGAIN)
		n, err := b.Write(w, []byte("hello"))
		b.must(err)
		equal(b, "written", n, 5)
		buf := make([]byte, 8)
		n, err = b.Read(r, buf)
		b.must(err)
		equal(b, "read", string(buf[:n]), "hello")
		b.must(b.Close(w))
		for range 2 {
			_, err = b.Read(r, buf)
			b.is("the end", err, io.EOF)
		}
		n, err = b.Read(r, nil)
		b.must(err)
		equal(b, "reading nothing", n, 0)
		b.must(b.Close(r))
	}},
	{"a pipe without a reader", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.must(b.Close(r))
		n, err := b.Write(w, []byte("x"))
		equal(b, "written", n, 0)
		b.is("writing", err, syscall.EPIPE)
		b.must(b.Close(w))
		// Of the SIGPIPE for that nobody learns: it is an answer, not a signal that
		// somebody has sent. One that comes after it is the first.
		b.Signal(syscall.SIGUSR1)
		b.until("a signal has come", func() bool { return len(b.other) > 0 })
		equal(b, "signal", b.other[0], syscall.SIGUSR1)
	}},
	{"a pipe holds 64 KiB", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		equal(b, "bytes", b.fill(w), 64<<10)
		b.Read(r, make([]byte, 4096))
		n, err := b.Write(w, make([]byte, 10000))
		b.must(err)
		equal(b, "taken of more than there is room for", n, 4096)
		b.must(b.Close(r))
		b.must(b.Close(w))
	}},
	{"a small write is taken whole or not at all", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.fill(w)
		b.Read(r, make([]byte, 4096))
		n, err := b.Write(w, make([]byte, 4000))
		b.must(err)
		equal(b, "the first", n, 4000)
		n, err = b.Write(w, make([]byte, 97))
		equal(b, "one that does not fit", n, 0)
		b.is("one that does not fit", err, syscall.EAGAIN)
		n, err = b.Write(w, make([]byte, 96))
		b.must(err)
		equal(b, "one that fits", n, 96)
	}},
	{"many small writes share pages", func(b *bench) {
		_, w, err := b.Pipe()
		b.must(err)
		total := 0
		for {
			n, err := b.Write(w, []byte(strings.Repeat("x", 1000)))
			if err != nil {
				break
			}
			total += n
		}
		equal(b, "bytes", total, 64000) // four in each page
	}},
	{"the pipe of a busy program holds more", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.Enlarge(r)
		got := b.fill(w)
		if got != 256<<10 && got != 64<<10 { // what a user may have in all is limited
			b.t.Errorf("bytes = %d, want %d", got, 256<<10)
		}
		b.Enlarge(w)
		b.must(b.Close(r))
		b.must(b.Close(w))
	}},
	{"a program waits for its reader", func(b *bench) {
		pid, out := b.play("fill 1 300000", "exit 0")
		equal(b, "bytes", len(b.all(out)), 300000)
		equal(b, "exit", b.dead(pid), kernel.Exit{})
	}},
	{"a program waits for its input", func(b *bench) {
		inR, inW, err := b.InputPipe()
		b.must(err)
		r, w, err := b.OutputPipe()
		b.must(err)
		c := b.Command("cat")
		c.Files = []int{inR, w, w}
		pid, err := b.Spawn(c)
		b.must(err)
		b.must(b.Close(inR))
		b.must(b.Close(w))
		for _, text := range []string{"one", "two"} {
			_, err := b.Write(inW, []byte(text+"\n"))
			b.must(err)
			equal(b, "answer", b.line(r), text)
		}
		b.must(b.Close(inW))
		equal(b, "exit", b.dead(pid), kernel.Exit{})
		equal(b, "rest", b.all(r), "")
	}},
	{"descriptors", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.must(b.Close(r))
		null, err := b.Null()
		b.must(err)
		equal(b, "the lowest free number", null, r)
		equal(b, "a terminal", b.IsTerminal(null), false)
		n, err := b.Write(null, []byte("gone"))
		b.must(err)
		equal(b, "written to nothing", n, 4)
		_, err = b.Read(null, make([]byte, 1))
		b.is("reading nothing", err, io.EOF)
		_, err = b.Read(w, make([]byte, 1))
		b.is("reading from the writer", err, syscall.EBADF)
		b.must(b.Close(null))
		_, err = b.Write(null, nil)
		b.is("writing to what is closed", err, syscall.EBADF)
		_, err = b.Read(null, nil)
		b.is("reading what is closed", err, syscall.EBADF)
		b.is("closing it again", b.Close(null), syscall.EBADF)
		b.must(b.Close(w))
	}},
	{"what an output is", func(b *bench) {
		null, err := b.Null()
		b.must(err)
		equal(b, "of /dev/null", b.Stdio(null), kernel.Stdio{})
		b.must(b.Close(null))
		r, w, err := b.OutputPipe()
		b.must(err)
		equal(b, "of a pipe", b.Stdio(w), kernel.Stdio{Pipe: true, Owner: b.Stdio(w).Owner})
		if b.Give(w, 65534, 65534) == nil { // only root may
			equal(b, "of what was given away", b.Stdio(w), kernel.Stdio{Pipe: true, Owner: 65534})
			b.must(b.Give(w, 0, 0))
		}
		b.must(b.Close(r))
		equal(b, "without a reader", b.Stdio(w), kernel.Stdio{Pipe: true, Gone: true, Owner: b.Stdio(w).Owner})
		b.must(b.Close(w))
		b.is("giving what is closed", b.Give(w, 0, 0), syscall.EBADF)
	}},
	{"descriptors run out", func(b *bench) {
		cur, limit, err := b.Limit(limitFiles)
		b.must(err)
		defer func() { b.must(b.SetLimit(limitFiles, cur, limit)) }()
		free, err := b.Null() // the lowest number that is free
		b.must(err)
		b.must(b.Close(free))
		b.must(b.SetLimit(limitFiles, uint64(free+16), limit))
		var all []int
		for err == nil {
			var fd int
			if fd, err = b.Null(); err == nil {
				all = append(all, fd)
			}
		}
		b.is("one too much", err, syscall.EMFILE)
		b.must(b.Close(all[0]))
		_, _, err = b.Pipe()
		b.is("a pipe where one is left", err, syscall.EMFILE)
		fd, err := b.Null()
		b.must(err) // half a pipe did not take it
		equal(b, "the one that was left", fd, all[0])
		for _, fd := range all {
			b.must(b.Close(fd))
		}
		b.is("more than the hard limit allows", b.SetLimit(limitFiles, limit, limit-1), syscall.EINVAL)
	}},
	{"what blocks for us as well", func(b *bench) {
		r, w, err := b.Pipe()
		b.must(err)
		b.must(b.Writable(w))
		b.SetBlocking(r)
		b.Write(w, []byte("x"))
		n, err := b.Read(r, make([]byte, 9))
		b.must(err)
		equal(b, "read", n, 1)
	}},
}
