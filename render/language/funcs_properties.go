package language

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func propertiesFuncs() []Func {
	return []Func{
		{
			Name: "propertiesEscape", Usage: "propertiesEscape TEXT", Doc: "A value of a Java properties file. ${ is refused, because log4j, Spring and Tomcat substitute it after reading; see propertiesEscapeRaw.",
			Example: `{{ propertiesEscape "C:\\temp é" }}`, Want: `C:\\temp \u00e9`, Refuses: `{{ propertiesEscape "${jndi:x}" }}`,
			pure: func(text string) (string, error) {
				if strings.Contains(text, "${") {
					return "", refuse("use propertiesEscapeRaw if that is wanted, or if the reader does not substitute", "the value holds ${, which log4j, Spring and Tomcat substitute after reading")
				}
				return propertiesEscape(text, false)
			},
		},
		{
			Name: "propertiesEscapeRaw", Usage: "propertiesEscapeRaw TEXT", Doc: "A value of a Java properties file, in which ${ may stand.",
			Example: `{{ propertiesEscapeRaw "${user.home}/x" }}`, Want: `${user.home}/x`, pure: func(text string) (string, error) { return propertiesEscape(text, false) },
		},
		{
			Name: "propertiesKey", Usage: "propertiesKey TEXT", Doc: "A key of a Java properties file.",
			Example: `{{ propertiesKey "a key:" }}`, Want: `a\ key\:`, Refuses: `{{ propertiesKey "" }}`,
			pure: func(text string) (string, error) {
				if text == "" {
					return "", refuse("", "a key of a properties file cannot be empty")
				}
				return propertiesEscape(text, true)
			},
		},
	}
}

// propertiesEscape follows java.util.Properties.load: the file is read as
// Latin-1, so everything outside of printable ASCII is written as UTF-16 units.
func propertiesEscape(text string, key bool) (string, error) {
	if !utf8.ValidString(text) {
		return "", refuse("", "the value is not valid UTF-8, and a properties file carries only text")
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == ' ' && (i == 0 || key):
			b.WriteString(`\ `)
		case key && strings.ContainsRune(":=#!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x20 && r <= 0x7e:
			b.WriteRune(r)
		default:
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, u)
			}
		}
	}
	return b.String(), nil
}
