package render

// Origin is a value that went into a target, and where it is from. It holds no text of it.
type Origin struct {
	Kind OriginKind `json:"kind"`
	// Name is that of the variable or key, the prefix of keys, the name and port of a peer,
	// the path of a file.
	Name string `json:"name,omitempty"`
	// From is the source, with file and line or revision; "" for a value that was asked for
	// and is not there.
	From string `json:"from,omitempty"`
	// Revision is that of the source, 0 where it has none; of many keys, the newest.
	Revision int64 `json:"revision,omitempty"`
	// Count is how many there are, of Variables and Keys.
	Count  int  `json:"count,omitempty"`
	Secret bool `json:"secret,omitempty"`
}

// OriginKind is what kind of value it is.
type OriginKind string

// The kinds.
const (
	Variable  OriginKind = "variable"
	Variables OriginKind = "variables" // the environment as a whole
	Key       OriginKind = "key"
	Keys      OriginKind = "keys" // below a prefix, too many to name
	Peer      OriginKind = "peer"
	File      OriginKind = "file" // read by the template
	Data      OriginKind = "data" // the tree of data files
)
