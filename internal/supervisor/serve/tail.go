package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

const (
	tailHead   = 1024                   // bytes of the past that a tail begins with
	tailPoll   = 100 * time.Millisecond // between looks at a file
	tailReopen = time.Second            // between questions to PID 1, where the path cannot be looked at
	tailChunk  = 64 << 10
)

// logTail follows a log: /logtail/NAME[/CHANNEL], where NAME may be group:process.
func (s *site) logTail(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		errorPage(w, http.StatusBadRequest)
		return
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	name, channel, ok := strings.Cut(rest, "/")
	if !ok {
		channel = "stdout"
	}
	if _, process := control.SplitName(name); process == "" || channel != "stdout" && channel != "stderr" {
		errorPage(w, http.StatusNotFound)
		return
	}
	w.Header().Set("X-Accel-Buffering", "no") // for an nginx in between
	s.follow(w, r, name, channel)
}

// mainLogTail follows the activity log.
func (s *site) mainLogTail(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		errorPage(w, http.StatusBadRequest)
		return
	}
	s.follow(w, r, "", "")
}

func (s *site) follow(w http.ResponseWriter, r *http.Request, name, channel string) {
	info, f, err := client.OpenLog(r.Context(), s.conf.Control, name, channel)
	if err != nil || info.Path == "" || f == nil && name == "" {
		errorPage(w, http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain;charset=utf-8")
	out := &chunks{w: w, rc: http.NewResponseController(w)}
	if f == nil {
		s.followMemory(r.Context(), out, name, channel)
		return
	}
	t := &follower{site: s, name: name, channel: channel, path: info.Path, f: f, out: out}
	defer func() { _ = t.f.Close() }()
	if st, err := f.Stat(); err == nil {
		h.Set("Last-Modified", st.ModTime().UTC().Format(http.TimeFormat))
		t.begin(st.Size())
	}
	t.run(r.Context())
}

// followMemory sends the output of a channel without a file.
func (s *site) followMemory(ctx context.Context, out *chunks, name, channel string) {
	err := s.conf.Control.Stream(ctx, func(v control.Value) error {
		return out.send([]byte(v.Str()))
	}, control.OpProcessRecent, control.String(name), control.String(channel), control.Bool(true))
	if errors.Is(err, &control.Fault{Code: control.NotOffered}) && !out.begun {
		errorPage(out.w, http.StatusNotFound)
	}
}

// chunks writes to a client piece by piece and holds back the beginning of
// a character whose end is not there yet: clients decode every piece on its own.
type chunks struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	rest  []byte
	begun bool
}

func (c *chunks) send(p []byte) error {
	c.begun = true
	p = append(c.rest, p...)
	n := len(p) - incomplete(p)
	c.rest = append([]byte(nil), p[n:]...)
	_ = c.rc.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := c.w.Write(p[:n]); err != nil {
		return err
	}
	return c.rc.Flush()
}

// incomplete returns how many bytes at the end of p begin a character that p does
// not finish.
func incomplete(p []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(p); i++ {
		if c := p[len(p)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(p[len(p)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

// follower sends what is appended to a file, through rotation and truncation.
type follower struct {
	site          *site
	name, channel string
	path          string
	f             *os.File
	pos           int64
	out           *chunks
	asked         time.Time // when PID 1 was asked last whether the file is another
}

// begin sets the first position: the last kilobyte, from the first whole character.
func (t *follower) begin(size int64) {
	if size < tailHead {
		return
	}
	t.pos = size - tailHead
	var p [utf8.UTFMax]byte
	n, _ := t.f.ReadAt(p[:], t.pos)
	for i := 0; i < n && !utf8.RuneStart(p[i]); i++ {
		t.pos++
	}
}

// run ends with ctx, the client or PID 1.
func (t *follower) run(ctx context.Context) {
	tick := time.NewTicker(tailPoll)
	defer tick.Stop()
	if t.out.send(nil) != nil { // the header goes out even if the log is empty
		return
	}
	for {
		if t.more() != nil {
			return
		}
		next := t.rotated(ctx)
		if next != nil {
			// What was written to the old file before the change is not lost.
			if t.more() != nil {
				_ = next.Close()
				return
			}
			_ = t.f.Close()
			t.f, t.pos = next, 0
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// more sends what the file has beyond pos.
func (t *follower) more() error {
	st, err := t.f.Stat()
	if err != nil {
		return err
	}
	if st.Size() < t.pos {
		t.pos = 0
		if err := t.out.send([]byte("==> File truncated <==\n")); err != nil {
			return err
		}
	}
	for t.pos < st.Size() {
		p := make([]byte, min(tailChunk, st.Size()-t.pos))
		n, err := t.f.ReadAt(p, t.pos)
		t.pos += int64(n)
		if n > 0 {
			if err := t.out.send(p[:n]); err != nil {
				return err
			}
		}
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return err
		}
	}
	return nil
}

// rotated returns the file that has taken the log's place, or nil. It looks at the
// path if it may, and asks PID 1 from time to time if it may not.
func (t *follower) rotated(ctx context.Context) *os.File {
	st, err := os.Stat(t.path)
	switch {
	case err == nil && sameFile(st, t.f):
		return nil
	case err != nil && !errors.Is(err, os.ErrPermission):
		return nil // unlinked, or about to be created again
	case err != nil && time.Since(t.asked) < tailReopen:
		return nil
	}
	t.asked = time.Now()
	_, next, err := client.OpenLog(ctx, t.site.conf.Control, t.name, t.channel)
	if err != nil || next == nil {
		return nil
	}
	if st, err := next.Stat(); err != nil || sameFile(st, t.f) {
		_ = next.Close()
		return nil
	}
	return next
}

func sameFile(st os.FileInfo, f *os.File) bool {
	other, err := f.Stat()
	return err == nil && os.SameFile(st, other)
}
