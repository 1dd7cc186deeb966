package language

import (
	"strings"
)

func configFuncs() []Func {
	return []Func{
		{
			Name: "iniValue", Usage: "iniValue TEXT", Doc: "A value of an ini file, on which all common readers agree: what some of them trim, cut or take for a comment is refused, for there is no escape that all of them know.",
			Example: `{{ iniValue "a = b" }}`, Want: "a = b", Refuses: `{{ iniValue "a ; b" }}`, pure: iniValue,
		},
		{
			Name: "supervisorEscape", Usage: "supervisorEscape TEXT", Doc: "A value of a supervisord.conf (and of slipway.conf).",
			Example: `{{ supervisorEscape "100%" }}`, Want: "100%%", Refuses: `{{ supervisorEscape "a ;b" }}`,
			pure: func(text string) (string, error) {
				if err := supervisorLine(text); err != nil {
					return "", err
				}
				if text != strings.TrimSpace(text) {
					return "", refuse("", "the value has blanks at an end, which Supervisor trims")
				}
				return strings.ReplaceAll(text, "%", "%%"), nil
			},
		},
		{
			Name: "supervisorQuote", Usage: "supervisorQuote TEXT", Doc: "A value within environment= of a [program:x] section: environment=NAME={{ supervisorQuote … }}. In [supervisord] some versions of Supervisor expand % twice: avoid it there.",
			Example: `{{ supervisorQuote "a, \"b\" 5%" }}`, Want: `"a, \"b\" 5%%"`, Refuses: `{{ supervisorQuote "a\nb" }}`,
			pure: func(text string) (string, error) {
				if err := supervisorLine(text); err != nil {
					return "", err
				}
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(text) + `"`, nil
			},
		},
		{
			Name: "nginxQuote", Usage: "nginxQuote TEXT", Doc: "A parameter of an nginx directive, in quotes. A dollar is refused: nginx has no escape for it where variables are allowed.",
			Example: `{{ nginxQuote "a \"b\";" }}`, Want: `"a \"b\";"`, Refuses: `{{ nginxQuote "$host" }}`,
			pure: func(text string) (string, error) {
				if strings.Contains(text, "$") {
					return "", refuse("write variables of nginx into the template, not into values", "the value holds a dollar, which nginx takes for a variable and for which it has no escape")
				}
				return oneLineQuoted(text, `\`, `\\`, `"`, `\"`)
			},
		},
		{
			Name: "apacheQuote", Usage: "apacheQuote TEXT", Doc: "An argument of an Apache httpd directive, in quotes.",
			Example: `{{ apacheQuote "a \"b\"" }}`, Want: `"a \"b\""`, Refuses: `{{ apacheQuote "${x}" }}`,
			pure: func(text string) (string, error) {
				if strings.Contains(text, "${") {
					return "", refuse("", "the value holds ${, which Apache httpd substitutes, and for which it has no escape")
				}
				return oneLineQuoted(text, `\`, `\\`, `"`, `\"`)
			},
		},
		{
			Name: "haproxyQuote", Usage: "haproxyQuote TEXT", Doc: "A word of an HAProxy configuration.",
			Example: `{{ haproxyQuote "a b#c" }}`, Want: `a\ b\#c`, Refuses: `{{ haproxyQuote "\x00" }}`, pure: haproxyQuote,
		},
		{
			Name: "systemdUnitQuote", Usage: "systemdUnitQuote TEXT", Doc: "A word of a setting in a systemd unit, such as Environment=. In Exec lines a dollar must be doubled as well.",
			Example: `{{ systemdUnitQuote "5% \"a\"\n" }}`, Want: `"5%% \"a\"\n"`, Refuses: `{{ systemdUnitQuote "\x00" }}`,
			pure: func(text string) (string, error) {
				if err := noNUL(text); err != nil {
					return "", err
				}
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + `"`, nil
			},
		},
		{
			Name: "redisQuote", Usage: "redisQuote TEXT", Doc: "An argument of a directive of redis.conf, in quotes.",
			Example: `{{ redisQuote "a \"b\"\n" }}`, Want: `"a \"b\"\n"`, pure: redisQuote,
		},
	}
}

// singleLine refuses what would begin a new line of a configuration file.
func singleLine(text string) error {
	if strings.ContainsAny(text, "\n\r") {
		return refuse("", "the value has a line break, which cannot stand in a line of this file")
	}
	return noNUL(text)
}

func oneLineQuoted(text string, escapes ...string) (string, error) {
	if err := singleLine(text); err != nil {
		return "", err
	}
	return `"` + strings.NewReplacer(escapes...).Replace(text) + `"`, nil
}

func iniValue(text string) (string, error) {
	if err := singleLine(text); err != nil {
		return "", err
	}
	if text != strings.TrimFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x85 || r == 0xa0 || r == 0xfeff || r >= 0x2000 && r <= 0x200a || r == 0x3000
	}) {
		return "", refuse("", "the value has blanks at an end, which readers of ini files trim")
	}
	if strings.ContainsAny(text, "\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
		return "", refuse("", "the value holds a character that some readers take for a line break")
	}
	if text != "" && strings.ContainsRune("[;#\"'", rune(text[0])) {
		return "", refuse("", "the value starts with %q, which some readers of ini files take for a section, a comment or a quote", text[:1])
	}
	if i := strings.IndexAny(text, ";#"); i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') || strings.Contains(text, " ;") || strings.Contains(text, " #") || strings.Contains(text, "\t;") || strings.Contains(text, "\t#") {
		return "", refuse("", "the value holds a blank and then ; or #, where some readers of ini files see a comment")
	}
	return text, nil
}

// supervisorLine refuses what ends a value of Supervisor's dialect, whatever the quotes.
func supervisorLine(text string) error {
	if err := singleLine(text); err != nil {
		return err
	}
	if strings.ContainsAny(text, "\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
		return refuse("", "the value holds a character that Python takes for a line break")
	}
	for i := 0; i < len(text); i++ {
		if (text[i] == ';' || text[i] == '#') && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t') {
			return refuse("", "the value has %q after a blank or at its start, where Supervisor sees a comment, even within quotes", text[i:i+1])
		}
	}
	return nil
}

// haproxyQuote escapes as HAProxy's own parser unescapes outside of quotes. A
// backslash before a bare tab does not keep a word together, \t does; form feeds separate words as well.
func haproxyQuote(text string) (string, error) {
	if text == "" {
		return `""`, nil
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < 0x20 || c == 0x7f:
			b.WriteString(hexEscape(c))
		case strings.IndexByte(" #\\\"'", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), noNUL(text)
}

// redisQuote follows sdssplitargs of Redis, which knows \xHH and so carries every byte.
func redisQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x20 || c == 0x7f:
			b.WriteString(hexEscape(c))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hexEscape(c byte) string {
	const digits = "0123456789abcdef"
	return `\x` + string(digits[c>>4]) + string(digits[c&15])
}
