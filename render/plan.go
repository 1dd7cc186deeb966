package render

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Keep is the Mode of a template that does not set one.
const Keep = -1

// How a target is written.
const (
	// WriteReplace makes the whole file; it is the default.
	WriteReplace = "replace"
	// WriteBlock keeps a marked block inside a file that belongs to somebody else.
	WriteBlock = "block"
	// WriteOnce makes a file that is not there, and never touches it again.
	WriteOnce = "once"
)

// Suffix is what ends the name of a template file.
const Suffix = ".tmpl"

// Target is one file as it shall be.
type Target struct {
	Dest string
	// Content is the rendered text: the whole file, or the inside of the block.
	Content []byte
	// Shown is Content as people may see it: without the secrets that went into
	// it. It is nil for a target with Secret of which nothing can be shown.
	Shown  []byte
	Secret bool // a secret went into Content
	// Absent is a target that is not wanted (skip_if): it is removed if we made it.
	Absent bool
	// Template names the template's file or section, for messages.
	Template string
	Pos      Pos

	Owner   string // user[:group]; "" keeps
	Mode    int    // permission bits; Keep keeps
	NewMode uint32 // for a file that is new, when Mode is Keep
	Check   string
	Notify  []string

	Write    string // WriteReplace, WriteBlock or WriteOnce
	Comment  string
	Bottom   bool
	Parents  bool
	Original bool // the template reads the file of the distribution, so that must be kept

	// Reads are the variables that went into it, sorted; ReadsAll says that it took the
	// environment as a whole.
	Reads    []string
	ReadsAll bool
	// Origins are the values that went into it, sorted; who knows them fills in where they
	// are from.
	Origins []Origin

	Whole bool // Content is the whole file, even if Write is WriteBlock
}

// SetCheck is a [check:NAME] section: a command over the whole staged set.
type SetCheck struct {
	Name    string
	Command string        // {staged:/path} is a file or folder in a copy of its folder as it will be
	Timeout time.Duration // 0 is that of the options
	Pos     Pos
}

// Plan is what a set of templates and values come to. It holds no reference to either.
type Plan struct {
	Targets []Target // ordered by destination
	Checks  []SetCheck
	// Secrets are the texts to remove from what checks print.
	Secrets []string

	// TakesBack is the generation whose change this plan takes back, 0 for one that was
	// made from templates. It has only that one's files.
	TakesBack int
	// Former is the digest of the plan before that generation.
	Former string
}

// Makes is the set of the files that will be there, by destination.
func (p *Plan) Makes() map[string]bool {
	made := make(map[string]bool, len(p.Targets))
	for _, t := range p.Targets {
		if !t.Absent {
			made[t.Dest] = true
		}
	}
	return made
}

// Digest identifies the content of a plan: equal plans have equal digests.
func (p *Plan) Digest() string {
	h := sha256.New()
	for _, t := range p.Targets {
		h.Write([]byte(t.Dest))
		h.Write([]byte{0})
		d := t.Digest()
		h.Write([]byte(d))
		if t.Absent {
			h.Write([]byte{1})
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Digest identifies the content of a target.
func (t *Target) Digest() string { return Digest(t.Content) }

// Digest identifies the content of a file: SHA-256, in hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
