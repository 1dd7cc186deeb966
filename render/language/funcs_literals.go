package language

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

func literalFuncs() []Func {
	return []Func{
		{
			Name: "urlUser", Usage: "urlUser TEXT", Doc: "A user name or a password within a URL.", Example: `{{ urlUser "a:b@c/d" }}`, Want: "a%3Ab%40c%2Fd",
			pure: func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") },
		},
		{
			Name: "urlPath", Usage: "urlPath TEXT", Doc: "One segment of the path of a URL: slashes are escaped.", Example: `{{ urlPath "a b/c" }}`, Want: "a%20b%2Fc",
			pure: url.PathEscape,
		},
		{
			Name: "urlQuery", Usage: "urlQuery TEXT", Doc: "A name or a value in the query of a URL.", Example: `{{ urlQuery "a&b=c" }}`, Want: "a%26b%3Dc", pure: url.QueryEscape,
		},
		{
			Name: "sqlString", Usage: "sqlString TEXT", Doc: "A string literal of SQL. A backslash is refused, because databases disagree on what it means.",
			Example: `{{ sqlString "it's" }}`, Want: "'it''s'", Refuses: `{{ sqlString "a\\b" }}`,
			pure: func(text string) (string, error) {
				if strings.Contains(text, `\`) {
					return "", refuse("", "the value holds a backslash, which MySQL takes for an escape and PostgreSQL for itself")
				}
				return "'" + strings.ReplaceAll(text, "'", "''") + "'", noNUL(text)
			},
		},
		{
			Name: "ldapFilter", Usage: "ldapFilter TEXT", Doc: "A value within an LDAP search filter (RFC 4515).", Example: `{{ ldapFilter "a*(b)" }}`, Want: `a\2a\28b\29`,
			pure: func(text string) string {
				var b strings.Builder
				for i := 0; i < len(text); i++ {
					if c := text[i]; strings.IndexByte("*()\\\x00", c) >= 0 {
						fmt.Fprintf(&b, `\%02x`, c)
					} else {
						b.WriteByte(c)
					}
				}
				return b.String()
			},
		},
		{
			Name: "regexQuote", Usage: "regexQuote TEXT", Doc: "A regular expression that matches exactly the text.", Example: `{{ regexQuote "a.b" }}`, Want: `a\.b`, pure: regexp.QuoteMeta,
		},
	}
}
