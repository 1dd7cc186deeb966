package handoff

import (
	"encoding/json"
	"fmt"
)

// format is the version of the snapshot's form. A reader refuses another one:
// the two executables of an image are always of one build.
const format = 1

// Snapshot is what the launch stage knew and decided. It holds secrets.
type Snapshot struct {
	// Captured is the environment as it was before anything was decided. It is
	// the input of every later render.
	Captured []string `json:"captured"`
	// Values are the merged values, by name.
	Values []Value `json:"values"`
	// Plain says that the captured variables that Values does not mention are values,
	// too: they won over nothing and are no secrets, which most are.
	Plain bool `json:"plain,omitempty"`
	// Peers are those that were known, the declared ones resolved.
	Peers []Peer `json:"peers,omitempty"`
	// Notes are the warnings of the start, for people.
	Notes []string `json:"notes,omitempty"`
	// Config is the path of the configuration, "" for the built-in default.
	Config string `json:"config,omitempty"`
	// Kept are the texts of configuration files that could be read only once, by path.
	Kept map[string]string `json:"kept,omitempty"`
	// Root is the folder that the files of templates are written below, "" for /.
	Root string `json:"root,omitempty"`
	// Runtime is the folder of what is kept between renders, "" where nothing is.
	Runtime string `json:"runtime,omitempty"`
}

// Value is one value with where it came from, and what it won over.
type Value struct {
	Name     string  `json:"name,omitempty"`
	Text     string  `json:"text"`
	Secret   bool    `json:"secret,omitempty"`
	Source   string  `json:"source"`
	File     string  `json:"file,omitempty"`
	Line     int     `json:"line,omitempty"`
	Col      int     `json:"col,omitempty"`
	Revision int64   `json:"revision,omitempty"`
	Shadowed []Value `json:"shadowed,omitempty"` // strongest first
}

// Peer is another container or service with how it was found.
type Peer struct {
	Name    string `json:"name"`
	Host    string `json:"host"`
	Port    int    `json:"port"`
	Exposed int    `json:"exposed"` // the port that it is asked for by
	Proto   string `json:"proto"`
	Source  string `json:"source"`
	Note    string `json:"note,omitempty"`
	Self    bool   `json:"self,omitempty"`
	Partial bool   `json:"partial,omitempty"`
	Origin  Value  `json:"origin"` // a place without a text
}

type envelope struct {
	Format int `json:"format"`
	Snapshot
}

// Encode returns the snapshot in the form that crosses.
func (s Snapshot) Encode() ([]byte, error) {
	b, err := json.Marshal(envelope{format, s})
	if err != nil {
		return nil, fmt.Errorf("cannot encode the boot snapshot: %w", err)
	}
	return b, nil
}

// Decode reads what Encode wrote.
func Decode(b []byte) (Snapshot, error) {
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return Snapshot{}, fmt.Errorf("cannot read the boot snapshot: %w", err)
	}
	if e.Format != format {
		return Snapshot{}, fmt.Errorf("cannot read the boot snapshot: its format is %d, this slipway knows %d", e.Format, format)
	}
	return e.Snapshot, nil
}
