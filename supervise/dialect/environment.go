package dialect

import (
	"slices"
	"strings"
)

// Var is one environment variable.
type Var struct{ Name, Value string }

// PairError is why an environment= value is not a list of pairs.
type PairError struct {
	At   int // offset in the value
	Text string
	Hint string
}

// ParsePairs reads KEY=value,KEY2="value 2".
//
// What Supervisor 4.2 and 4.3, the released ones, accept keeps their meaning;
// what they refuse, or lose a part of, is read with the grammar of 4.4, where
// backslashes escape and adjacent quotes join. The note is "" or tells what is worth a warning:
// that 4.4 reads the value differently, or that text is lost.
func ParsePairs(s string) (vars []Var, note string, err *PairError) {
	old, lost, oldErr := pairs(s, false)
	posix, lostPosix, posixErr := pairs(s, true)
	switch {
	case oldErr == nil && (lost == "" || posixErr != nil || lostPosix != ""):
		if posixErr == nil && !slices.Equal(old, posix) {
			note = "Supervisor 4.4 reads this value differently: quotes join and backslashes escape there"
		}
		vars = old
	case posixErr == nil:
		vars, lost = posix, lostPosix
	default:
		return nil, "", posixErr
	}
	if lost != "" {
		note = Quote(lost) + " is taken for the separator and lost"
	}
	return vars, note, nil
}

// Pairs are the variables of an environment= value as it stands in a file, expansions
// and all. ok is false if it is not a list of pairs.
func Pairs(value string) (vars []Var, ok bool) {
	vars, _, err := ParsePairs(value)
	return vars, err == nil
}

// pairs consumes tokens by four, as the original does: key, "=", value, and a
// separator that is not looked at. lost is the first separator that was none.
func pairs(s string, posix bool) (vars []Var, lost string, err *PairError) {
	l := lexer{s: s, posix: posix}
	tokens, lexErr := l.all()
	if lexErr != nil {
		e := &PairError{At: l.i, Text: "expected KEY=value pairs, got a quote that is not closed"}
		if lexErr == errNoEscaped {
			e.Text = "expected KEY=value pairs, got a backslash at the end"
		}
		return nil, "", e
	}
	var set VarSet
	for i := 0; i < len(tokens); i += 4 {
		if i+3 > len(tokens) || tokens[i+1].text != "=" {
			return nil, "", badPair(s, tokens, i)
		}
		key, value := tokens[i].text, tokens[i+2].text
		if !posix {
			key, value = strings.Trim(key, `'"`), strings.Trim(value, `'"`)
		}
		set.set(key, value)
		if i+3 < len(tokens) {
			if sep := tokens[i+3].text; sep != "," && sep != ";" && lost == "" {
				lost = sep
			}
		}
	}
	return set.List, lost, nil
}

// badPair says which pair is not one.
func badPair(s string, tokens []token, i int) *PairError {
	at := tokens[i].at
	got := firstRunes(s[at:], 40)
	if n := strings.IndexByte(got, '\n'); n > 0 {
		got = got[:n]
	}
	e := &PairError{At: at, Text: "expected KEY=value pairs separated by commas, got " + Quote(got)}
	switch {
	case i >= 4 && tokens[i-1].text != "," && tokens[i-1].text != ";":
		e.At = tokens[i-1].at
		e.Hint = "put a comma before " + Quote(firstRunes(tokens[i-1].text, 40)) + ", or quotes around the whole value"
	case i+2 == len(tokens) && tokens[i+1].text == "=":
		e.Hint = `write an empty value as ""`
	default:
		e.Hint = `put values with other characters than letters, digits and _/.+-(): into quotes`
	}
	return e
}

// VarSet is a list of variables in which every name is once, at the place of its first
// value. The zero varSet is empty.
type VarSet struct {
	List  []Var
	index map[string]int // of the names, once there are many; nil before
}

// fewVars is up to how many variables a list is searched without an index.
const fewVars = 16

func (s *VarSet) find(name string) (i int, ok bool) {
	if s.index == nil && len(s.List) > fewVars {
		s.index = make(map[string]int, 2*len(s.List))
		for i := range s.List {
			s.index[s.List[i].Name] = i
		}
	}
	if s.index != nil {
		i, ok = s.index[name]
		return i, ok
	}
	for i := range s.List {
		if s.List[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

func (s *VarSet) get(name string) (value string, ok bool) {
	i, ok := s.find(name)
	if ok {
		value = s.List[i].Value
	}
	return value, ok
}

func (s *VarSet) set(name, value string) {
	if i, ok := s.find(name); ok {
		s.List[i].Value = value
		return
	}
	s.List = append(s.List, Var{name, value})
	if s.index != nil {
		s.index[name] = len(s.List) - 1
	}
}

// SetAll sets variables in their order.
func (s *VarSet) SetAll(vars []Var) {
	for _, v := range vars {
		s.set(v.Name, v.Value)
	}
}

// MergeVars lays own over base. The result shares the memory of one of them if the other
// is empty.
func MergeVars(base, own []Var) []Var {
	switch {
	case len(own) == 0:
		return base
	case len(base) == 0:
		return own
	}
	set := VarSet{List: append(make([]Var, 0, len(base)+len(own)), base...)}
	set.SetAll(own)
	return set.List
}
