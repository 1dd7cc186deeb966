package program

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"slipway/internal/way"
	"slipway/sources/protocol"
)

// Cache is the file that holds the last good snapshot of a source, for a start without its
// store. Who writes it writes it for its owner alone: it holds secrets.
type Cache struct {
	// File is its path.
	File string
	// Source is the source that it must be of, and Settings are those that say what of the
	// store was read: a snapshot of something else is none.
	Source   string
	Settings []protocol.Setting
	// MaxAge is the age from which on it counts as nothing; 0 for none.
	MaxAge time.Duration
}

// Kept is a snapshot and when it was good last.
type Kept struct {
	protocol.Update
	At time.Time
}

const (
	cacheFormat = "slipway-cache 1"
	sealWord    = "seal "
	maxCache    = 512 << 20
)

// errAbsent is why there is no snapshot when none was kept.
var errAbsent = errors.New("none was kept yet")

// Encode returns the text of the file.
func (c Cache) Encode(k Kept) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nsource %s\nof %s\nat %s\n", cacheFormat, c.Source, c.of(), k.At.UTC().Format(time.RFC3339Nano))
	w := protocol.NewWriter(&b)
	w.Write(protocol.Message{Verb: protocol.Hello, Number: protocol.Version})
	w.WriteUpdate(k.Update)
	if err := w.Flush(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	b.WriteString(sealWord + hex.EncodeToString(sum[:]) + "\n")
	return b.Bytes(), nil
}

// of is a digest of what says what was read. Where the store is reached and how one logs in
// may change.
func (c Cache) of() string {
	var lines []string
	for _, s := range c.Settings {
		switch s.Name {
		case "prefix", "secret_prefix":
			lines = append(lines, s.Name+" "+s.Text)
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

// Load reads the file. The error says why there is no snapshot that can be used: one that another
// user has made is not believed, as it would decide what is rendered.
func (c Cache) Load(now time.Time) (Kept, error) {
	text, err := read(c.File)
	if errors.Is(err, os.ErrNotExist) {
		return Kept{}, errAbsent
	}
	if err != nil {
		return Kept{}, err
	}
	k, err := c.decode(text)
	switch {
	case err != nil:
		return Kept{}, fmt.Errorf("%s: %w", c.File, err)
	case c.MaxAge > 0 && now.Sub(k.At) > c.MaxAge:
		return Kept{}, fmt.Errorf("%s is of %s, which is more than max_age = %v ago", c.File, k.At.Format(time.RFC3339), c.MaxAge)
	}
	return k, nil
}

func read(file string) ([]byte, error) {
	fd, err := way.Own(file)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: file, Err: err}
	}
	f := os.NewFile(uintptr(fd), file)
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxCache))
}

func (c Cache) decode(text []byte) (Kept, error) {
	i := bytes.LastIndex(text, []byte("\n"+sealWord))
	if i < 0 {
		return Kept{}, errors.New("it is damaged: its end is missing")
	}
	body, seal := text[:i+1], strings.TrimSpace(string(text[i+1+len(sealWord):]))
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != seal {
		return Kept{}, errors.New("it is damaged: its content is not what was written")
	}
	head := make(map[string]string)
	for range 4 {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		name, value, _ := strings.Cut(string(line), " ")
		head[name], body = value, rest
	}
	at, err := time.Parse(time.RFC3339Nano, head["at"])
	switch {
	case "slipway-cache "+head["slipway-cache"] != cacheFormat || err != nil:
		return Kept{}, errors.New("it is not of this version of slipway")
	case head["source"] != c.Source || head["of"] != c.of():
		return Kept{}, errors.New("it is of another source or of other prefixes")
	}
	u, err := protocol.NewAnswer(protocol.NewReader(bytes.NewReader(body), maxCache), c.Source).Next()
	if err != nil {
		return Kept{}, err
	}
	return Kept{u, at}, nil
}
