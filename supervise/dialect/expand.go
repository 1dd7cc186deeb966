package dialect

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Names are what %(name)s may refer to at one place of a configuration.
type Names struct {
	Here    string
	Host    string
	Program string
	Group   string
	Num     int               // process_num
	Procs   int               // numprocs
	Has     NameSet           // which of those above there are
	Env     map[string]string // the process environment and [supervisord] environment
	Own     VarSet            // the program's own environment
	FDs     []string          // of descriptors, from 3 on: fd_x
}

// NameSet tells which of the names exist; ENV_x always do.
type NameSet uint8

// The names that a place may have.
const (
	HasHere    NameSet = 1 << iota // here
	HasHost                        // host_node_name
	HasProgram                     // program_name
	HasGroup                       // group_name
	HasNum                         // process_num and numprocs
)

// builtinNames are all names but ENV_x.
var builtinNames = [...]struct {
	name string
	in   NameSet
}{
	{"group_name", HasGroup}, {"here", HasHere}, {"host_node_name", HasHost},
	{"numprocs", HasNum}, {"process_num", HasNum}, {"program_name", HasProgram},
}

// operand is the value of a name: a string, or a number.
type operand struct {
	text   string
	num    int
	number bool
}

func (n *Names) lookup(name string) (operand, bool) {
	if key, ok := strings.CutPrefix(name, "ENV_"); ok {
		if v, ok := n.Own.get(key); ok {
			return operand{text: v}, true
		}
		v, ok := n.Env[key]
		return operand{text: v}, ok
	}
	if fd, ok := strings.CutPrefix(name, "fd_"); ok && slices.Contains(n.FDs, fd) {
		return operand{num: 3 + slices.Index(n.FDs, fd), number: true}, true
	}
	for _, b := range builtinNames {
		if b.name == name && n.Has&b.in != 0 {
			return n.builtin(name), true
		}
	}
	return operand{}, false
}

func (n *Names) builtin(name string) operand {
	switch name {
	case "here":
		return operand{text: n.Here}
	case "host_node_name":
		return operand{text: n.Host}
	case "program_name":
		return operand{text: n.Program}
	case "group_name":
		return operand{text: n.Group}
	case "process_num":
		return operand{num: n.Num, number: true}
	}
	return operand{num: n.Procs, number: true}
}

// FormatError is why a value cannot be expanded.
type FormatError struct {
	name string // unknown name; "" when it is the format that is wrong
	at   int    // offset of the percent sign
	text string
}

// Expand formats s as Python's  s % dictionary  does. It differs in one thing:
// a conversion without a name, which in Python inserts the whole dictionary,
// which is to say the environment, is refused.
//
// With guard, percent signs of inserted values are doubled, so that expanding
// the result once more leaves them alone.
func (n *Names) Expand(s string, guard bool) (string, *FormatError) {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s, nil
	}
	var b strings.Builder
	whole := len(s)
	for i >= 0 {
		b.WriteString(s[:i])
		c, err := parseConversion(s[i:])
		if c.named {
			if _, known := n.lookup(c.name); !known {
				err = &FormatError{name: c.name, text: "unknown name"}
			}
		}
		if err == nil {
			err = n.convert(&b, c, guard)
		}
		if err != nil {
			err.at = whole - len(s) + i
			return "", err
		}
		s = s[i+c.size:]
		i = strings.IndexByte(s, '%')
	}
	b.WriteString(s)
	return b.String(), nil
}

// conversion is one %(name)flags width .precision verb.
type conversion struct {
	name      string
	named     bool
	flags     string
	width     int
	precision int // -1: none
	verb      byte
	size      int
}

// maxWidth bounds width and precision, which Python only bounds by memory.
const maxWidth = 4096

func parseConversion(s string) (conversion, *FormatError) {
	c := conversion{precision: -1}
	i := 1
	if i < len(s) && s[i] == '(' {
		depth, j := 1, i+1
		for ; j < len(s) && depth > 0; j++ {
			switch s[j] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		if depth > 0 {
			return c, &FormatError{text: `"%(" without a closing bracket`}
		}
		c.name, c.named = s[i+1:j-1], true
		i = j
	}
	flags := i
	for i < len(s) && strings.IndexByte("-+ #0", s[i]) >= 0 {
		i++
	}
	c.flags = s[flags:i]
	var ok bool
	if c.width, i, ok = number(s, i); !ok {
		return c, &FormatError{text: "the width is too big"}
	}
	if i < len(s) && s[i] == '.' {
		if c.precision, i, ok = number(s, i+1); !ok {
			return c, &FormatError{text: "the precision is too big"}
		}
	}
	if i < len(s) && (s[i] == 'h' || s[i] == 'l' || s[i] == 'L') {
		i++
	}
	if i >= len(s) {
		return c, &FormatError{text: "the value ends inside of a % conversion"}
	}
	c.verb = s[i]
	if c.verb >= utf8.RuneSelf {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return c, badVerb(string(r))
	}
	c.size = i + 1
	return c, nil
}

func number(s string, i int) (n, next int, ok bool) {
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if n = n*10 + int(s[i]-'0'); n > maxWidth {
			return 0, i, false
		}
	}
	return n, i, true
}

func badVerb(verb string) *FormatError {
	return &FormatError{text: "% followed by " + Quote(verb) + " is not a conversion"}
}

// convert writes one conversion.
func (n *Names) convert(b *strings.Builder, c conversion, guard bool) *FormatError {
	if c.size == len("%%") && c.verb == '%' {
		b.WriteByte('%')
		return nil
	}
	if strings.IndexByte("diouxXeEfFgGcrsa", c.verb) < 0 {
		return badVerb(string(rune(c.verb)))
	}
	if !c.named {
		return &FormatError{text: "% followed by " + Quote(string(rune(c.verb))) + " names no value"}
	}
	v, _ := n.lookup(c.name)
	text, numeric, err := v.format(c)
	if err != nil {
		return err
	}
	text = pad(text, c, numeric)
	if guard {
		text = strings.ReplaceAll(text, "%", "%%")
	}
	b.WriteString(text)
	return nil
}

// format gives the operand without padding; numeric results are padded with
// zeros when the flag 0 says so.
func (v operand) format(c conversion) (text string, numeric bool, err *FormatError) {
	switch c.verb {
	case 's', 'r', 'a':
		text = v.text
		if v.number {
			text = strconv.Itoa(v.num)
		} else if c.verb != 's' {
			text = pyRepr(text, c.verb == 'a')
		}
		if c.precision >= 0 {
			text = firstRunes(text, c.precision)
		}
		return text, false, nil
	case 'c':
		if v.number && v.num >= 0 && v.num <= utf8.MaxRune {
			return string(rune(v.num)), false, nil
		}
		if !v.number && utf8.RuneCountInString(v.text) == 1 {
			return v.text, false, nil
		}
		return "", false, &FormatError{text: "%c wants one character"}
	}
	if !v.number {
		return "", false, &FormatError{text: "%" + string(rune(c.verb)) + " wants a number, and " + c.name + " is text"}
	}
	if strings.IndexByte("eEfFgG", c.verb) >= 0 {
		return v.float(c), true, nil
	}
	return v.integer(c), true, nil
}

func (v operand) integer(c conversion) string {
	base, prefix := 10, ""
	switch c.verb {
	case 'o':
		base, prefix = 8, "0o"
	case 'x':
		base, prefix = 16, "0x"
	case 'X':
		base, prefix = 16, "0X"
	}
	digits := strconv.FormatInt(int64(v.num), base)
	if c.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < c.precision {
		digits = strings.Repeat("0", c.precision-len(digits)) + digits
	}
	if strings.Contains(c.flags, "#") {
		digits = prefix + digits
	}
	return signed(sign, digits, c)
}

func (v operand) float(c conversion) string {
	precision := c.precision
	if precision < 0 {
		precision = 6
	}
	verb := c.verb
	if verb == 'F' {
		verb = 'f'
	}
	if (verb == 'g' || verb == 'G') && precision == 0 {
		precision = 1
	}
	return signed("", strconv.FormatFloat(float64(v.num), verb, precision, 64), c)
}

func signed(sign, digits string, c conversion) string {
	switch {
	case sign != "" || digits[0] == '-':
	case strings.Contains(c.flags, "+"):
		sign = "+"
	case strings.Contains(c.flags, " "):
		sign = " "
	}
	return sign + digits
}

// pad brings text to the width: blanks before it, behind it with the flag -,
// and zeros behind sign and prefix with the flag 0.
func pad(text string, c conversion, numeric bool) string {
	n := c.width - utf8.RuneCountInString(text)
	if n <= 0 {
		return text
	}
	if strings.Contains(c.flags, "-") {
		return text + strings.Repeat(" ", n)
	}
	if !numeric || !strings.Contains(c.flags, "0") {
		return strings.Repeat(" ", n) + text
	}
	i := 0
	if text[0] == '-' || text[0] == '+' || text[0] == ' ' {
		i = 1
	}
	if strings.Contains(c.flags, "#") && len(text) > i+1 && (c.verb == 'x' || c.verb == 'X' || c.verb == 'o') {
		i += 2
	}
	return text[:i] + strings.Repeat("0", n) + text[i:]
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// pyRepr quotes as Python does; the rare escapes are those of strconv.
func pyRepr(s string, ascii bool) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := []byte{q}
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case ascii:
			b = append(b, strings.Trim(strconv.QuoteRuneToASCII(r), "'")...)
		case r == '\'' || r == '"':
			b = append(b, byte(r))
		default:
			b = append(b, strings.Trim(strconv.QuoteRune(r), "'")...)
		}
	}
	return string(append(b, q))
}

// ExpandTwice expands a value that Supervisor expands twice: what a percent
// sign needs four of there needs two here, and four still do. Inserted values
// are not touched by the second turn, which changes nothing when it fails.
func (n *Names) ExpandTwice(s string) (string, *FormatError) {
	once, err := n.Expand(s, false)
	if err != nil || !strings.Contains(s, "%%") {
		return once, err
	}
	guarded, _ := n.Expand(s, true)
	if twice, err := n.Expand(guarded, false); err == nil {
		return twice, nil
	}
	return once, nil
}

// Problem says why a value cannot be expanded, where, and which name was meant.
// It does not list the names that there are: they are the environment.
func (n *Names) Problem(section string, k *Key, e *FormatError) *Problem {
	p := &Problem{Pos: k.At(e.at), Section: section, Key: k.Name, Kind: KindBadFormat}
	if strings.Contains(k.Value, hereText) {
		p.Pos = k.ValuePos // the text before it may have been replaced
	}
	if e.name == "" {
		p.Text = e.text
		p.Hint = "write %% for a percent sign"
		return p
	}
	p.Kind = KindUnknownName
	p.Text = "%(" + e.name + ")s is not known here"
	p.Hint = n.nearest(e.name)
	return p
}

// nearest suggests a name, or says how to define it.
func (n *Names) nearest(name string) string {
	var known []string
	for _, b := range builtinNames {
		if n.Has&b.in != 0 {
			known = append(known, b.name)
		}
	}
	builtin := strings.Join(known, ", ")
	for _, fd := range n.FDs {
		known = append(known, "fd_"+fd)
	}
	for _, v := range n.Own.List {
		known = append(known, "ENV_"+v.Name)
	}
	for v := range n.Env {
		known = append(known, "ENV_"+v)
	}
	slices.Sort(known)
	if s := Closest(name, known); s != "" {
		return "did you mean %(" + s + ")s?"
	}
	if v, ok := strings.CutPrefix(name, "ENV_"); ok {
		return "set the environment variable " + v + ", for instance by ENV " + v + "=… in the Dockerfile"
	}
	return "known here: " + builtin + " and ENV_x for the environment variable x"
}
