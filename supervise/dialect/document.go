package dialect

import "strings"

// Document is a set of configuration files as written: merged as Supervisor
// merges them, with nothing expanded and nothing checked.
type Document struct {
	Sections []*Section // in the order of their first appearance
	Defaults *Section   // [DEFAULT]; nil without
	Files    []string   // as read: the main file first
	Here     string     // absolute folder of the main file: %(here)s
	// Include tells that the main file has an [include]: %(here)s is then
	// replaced as text, by the folder of the file that the value is in.
	Include bool
	// Warnings and Infos are what Supervisor logs about includes.
	Warnings []string
	Infos    []string
	Notes    []Note // found while reading; Decode adds to a copy

	index map[string]*Section
	here  map[string]string // folder of each file
	seq   int
}

// Section is all sections of one name.
type Section struct {
	Name string
	Keys []Key // in the order of their first appearance
	Pos  Pos   // first header
	// Places are all headers of that name, in the order read.
	Places []Pos

	index map[string]int // of Keys, once there are many; nil before
}

// fewKeys is up to how many keys a section is searched without an index.
const fewKeys = 48

// Key is one setting.
type Key struct {
	Name  string // lower case
	Value string // as written: comments removed, continuation lines joined by "\n"
	// Pos is where the name stands, ValuePos where the value begins.
	Pos      Pos
	ValuePos Pos
	// Shadowed are the earlier settings of the same key, weakest first.
	Shadowed []Key
	// Literal values are not expanded: they come from a command line.
	Literal bool

	Seq  int     // counts the settings of a document, in the order read
	more *[]cell // places of the continuation lines, if there are any
}

// cell is a place in the file of a key.
type cell struct{ line, col int }

// Section gives the section of that name, or nil.
func (d *Document) Section(name string) *Section { return d.index[name] }

// Key gives the setting of that name, or nil. Keys of [DEFAULT] are not
// looked at.
func (s *Section) Key(name string) *Key {
	if s == nil {
		return nil
	}
	if s.index != nil {
		if i, ok := s.index[name]; ok {
			return &s.Keys[i]
		}
		return nil
	}
	for i := range s.Keys {
		if s.Keys[i].Name == name {
			return &s.Keys[i]
		}
	}
	return nil
}

// At gives the place of a byte of Value.
func (k *Key) At(offset int) Pos {
	if offset < 0 || offset > len(k.Value) {
		return k.ValuePos
	}
	before := k.Value[:offset]
	n := strings.Count(before, "\n")
	if n == 0 || k.more == nil || n > len(*k.more) {
		return Pos{File: k.ValuePos.File, Line: k.ValuePos.Line, Col: k.ValuePos.Col + offset}
	}
	c := (*k.more)[n-1]
	return Pos{File: k.ValuePos.File, Line: c.line, Col: c.col + offset - strings.LastIndexByte(before, '\n') - 1}
}

// Set adds a setting as if a last file had it, for command lines. The value
// is taken literally: a percent sign is a percent sign.
func (d *Document) Set(section, key, value string, pos Pos) {
	k := Key{Name: strings.ToLower(key), Value: value, Pos: pos, ValuePos: pos, Literal: true}
	d.section(section, pos).put(k, d.next())
}

func (d *Document) next() int { d.seq++; return d.seq }

// section gives the section of that name, which is made when it is new.
func (d *Document) section(name string, pos Pos) *Section {
	if name == "DEFAULT" {
		if d.Defaults == nil {
			d.Defaults = &Section{Name: name, Pos: pos}
		}
		d.Defaults.Places = append(d.Defaults.Places, pos)
		return d.Defaults
	}
	s := d.index[name]
	if s == nil {
		s = &Section{Name: name, Pos: pos}
		if d.index == nil {
			d.index = make(map[string]*Section)
		}
		d.index[name] = s
		d.Sections = append(d.Sections, s)
	}
	s.Places = append(s.Places, pos)
	return s
}

// put sets a key: the last one wins, and remembers what it shadows.
func (s *Section) put(k Key, seq int) {
	k.Seq = seq
	old := s.Key(k.Name)
	if old == nil {
		if s.Keys == nil {
			s.Keys = make([]Key, 0, 12) // a usual section
		}
		s.Keys = append(s.Keys, k)
		s.indexLast()
		return
	}
	shadowed := append(old.Shadowed, *old)
	shadowed[len(shadowed)-1].Shadowed = nil
	k.Shadowed = shadowed
	*old = k
}

// indexLast takes the last key into the index.
func (s *Section) indexLast() {
	switch n := len(s.Keys); {
	case s.index != nil:
		s.index[s.Keys[n-1].Name] = n - 1
	case n > fewKeys:
		s.index = make(map[string]int, 2*n)
		for i := range s.Keys {
			s.index[s.Keys[i].Name] = i
		}
	}
}

// String prints the document so that parsing it gives an equal one: merged,
// without comments and without what was shadowed.
func (d *Document) String() string {
	var b strings.Builder
	if d.Defaults != nil {
		d.Defaults.print(&b)
	}
	for _, s := range d.Sections {
		s.print(&b)
	}
	return b.String()
}

func (s *Section) print(b *strings.Builder) {
	printLine(b, "["+s.Name+"]")
	for i := range s.Keys {
		k := &s.Keys[i]
		if strings.HasSuffix(k.Name, "+") {
			for j := range k.Shadowed {
				k.Shadowed[j].print(b) // every addition counts
			}
		}
		k.print(b)
	}
}

func (k *Key) print(b *strings.Builder) {
	first, rest, more := strings.Cut(k.Value, "\n")
	printLine(b, k.Name+"="+first)
	for more {
		var piece string
		piece, rest, more = strings.Cut(rest, "\n")
		if piece != "" {
			piece = "\t" + piece
		}
		printLine(b, piece)
	}
}

// printLine writes a line. A blank followed by ; or # can only be part of it
// because the search for comments is in rounds (see commentStart); an empty
// comment of the right kind at the end brings that about again.
func printLine(b *strings.Builder, line string) {
	b.WriteString(line)
	if commentStart(line) >= 0 {
		for _, end := range [...]string{" ;", " #"} {
			if commentStart(line+end) == len(line)+1 {
				b.WriteString(end)
				break
			}
		}
	}
	b.WriteByte('\n')
}
