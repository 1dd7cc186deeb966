package xmlrpc

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const header = "<?xml version='1.0'?>\n"

// writer is what documents are written to.
type writer interface {
	WriteString(s string) (int, error)
	WriteRune(r rune) (int, error)
}

// Response returns the document that answers a call with v.
func Response(v any) []byte {
	var b strings.Builder
	writeResponse(&b, v)
	return []byte(b.String())
}

// WriteResponse writes the document that answers a call with v, or with a [Fault]. It
// keeps little of it in memory: escaping can make five bytes of one.
func WriteResponse(w io.Writer, v any) error {
	b := bufio.NewWriterSize(w, 32<<10)
	writeResponse(b, v)
	return b.Flush()
}

// ResponseSize is how many bytes WriteResponse writes.
func ResponseSize(v any) int64 {
	var n counter
	writeResponse(&n, v)
	return int64(n)
}

// counter counts what is written to it.
type counter int64

func (c *counter) WriteString(s string) (int, error) {
	*c += counter(len(s))
	return len(s), nil
}

func (c *counter) WriteRune(r rune) (int, error) {
	n := utf8.RuneLen(r)
	*c += counter(n)
	return n, nil
}

func writeResponse(b writer, v any) {
	b.WriteString(header + "<methodResponse>\n")
	if f, ok := v.(Fault); ok {
		b.WriteString("<fault>\n")
		writeValue(b, Struct{{"faultCode", f.Code}, {"faultString", f.Text}})
		b.WriteString("</fault>\n")
	} else {
		b.WriteString("<params>\n<param>\n")
		writeValue(b, v)
		b.WriteString("</param>\n</params>\n")
	}
	b.WriteString("</methodResponse>\n")
}

// FaultResponse returns the document that answers a call with a fault.
func FaultResponse(code int64, text string) []byte {
	return Response(Fault{Code: code, Text: text})
}

// Call returns the document that calls a method.
func Call(method string, args ...any) []byte {
	var b strings.Builder
	b.WriteString(header + "<methodCall>\n<methodName>")
	writeText(&b, method)
	b.WriteString("</methodName>\n<params>\n")
	for _, v := range args {
		b.WriteString("<param>\n")
		writeValue(&b, v)
		b.WriteString("</param>\n")
	}
	b.WriteString("</params>\n</methodCall>\n")
	return []byte(b.String())
}

func writeValue(b writer, v any) {
	switch v := v.(type) {
	case int:
		writeValue(b, int64(v))
	case int64:
		v = max(math.MinInt32, min(math.MaxInt32, v))
		b.WriteString("<value><int>" + strconv.FormatInt(v, 10) + "</int></value>\n")
	case bool:
		digit := "0"
		if v {
			digit = "1"
		}
		b.WriteString("<value><boolean>" + digit + "</boolean></value>\n")
	case string:
		b.WriteString("<value><string>")
		writeText(b, v)
		b.WriteString("</string></value>\n")
	case float64:
		b.WriteString("<value><double>" + strconv.FormatFloat(v, 'g', -1, 64) + "</double></value>\n")
	case time.Time:
		b.WriteString("<value><dateTime.iso8601>" + v.Format(timeLayout) + "</dateTime.iso8601></value>\n")
	case []byte:
		b.WriteString("<value><base64>\n" + base64.StdEncoding.EncodeToString(v) + "\n</base64></value>\n")
	case []string:
		items := make([]any, len(v))
		for i, s := range v {
			items[i] = s
		}
		writeValue(b, items)
	case []any:
		b.WriteString("<value><array><data>\n")
		for _, item := range v {
			writeValue(b, item)
		}
		b.WriteString("</data></array></value>\n")
	case Struct:
		b.WriteString("<value><struct>\n")
		for _, m := range v {
			b.WriteString("<member>\n<name>")
			writeText(b, m.Name)
			b.WriteString("</name>\n")
			writeValue(b, m.Value)
			b.WriteString("</member>\n")
		}
		b.WriteString("</struct></value>\n")
	case nil:
		b.WriteString("<value><nil/></value>\n")
	default:
		panic(fmt.Sprintf("xmlrpc: cannot write a %T", v)) // a programming error: the types are listed in the package comment
	}
}

// writeText escapes what Python's xmlrpc escapes, and what no parser takes.
func writeText(b writer, s string) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r':
			b.WriteString("&#13;")
		case r == utf8.RuneError || !inXML(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
}

// inXML reports whether XML 1.0 allows the character (production 2, Char).
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// Repr returns s as Python's repr prints a string: in single quotes, unless it
// holds one and no double quote.
func Repr(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte(quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte(quote)
	return b.String()
}
