package launch

import (
	"testing"

	"slipway/supervise/config"
)

func TestViolates(t *testing.T) {
	for _, row := range []struct {
		name, typ, text string
		rule            config.EnvRule
		want            string
	}{
		{"a string is anything", "string", "", config.EnvRule{}, ""},
		{"whole number", "int", "-3", config.EnvRule{}, ""},
		{"fraction", "int", "1.5", config.EnvRule{}, "expected a whole number"},
		{"below its minimum", "int", "1", config.EnvRule{Min: "2"}, "expected at least 2"},
		{"above its maximum", "int", "9", config.EnvRule{Max: "8"}, "expected at most 8"},
		{"duration", "duration", "90s", config.EnvRule{Min: "1m", Max: "2m"}, ""},
		{"duration without a unit", "duration", "90", config.EnvRule{}, "expected a duration such as 30s"},
		{"size above its maximum", "size", "2GB", config.EnvRule{Max: "1024MB"}, "expected at most 1024MB"},
		{"size of exactly its maximum", "size", "1GB", config.EnvRule{Max: "1024MB"}, ""},
		{"size beyond all numbers", "size", "99999999999TB", config.EnvRule{}, "expected a size such as 64MB"},
		{"port zero", "port", "0", config.EnvRule{}, "expected a port from 1 to 65535"},
		{"bool in capitals", "bool", "TRUE", config.EnvRule{}, ""},
		{"bool of a poet", "bool", "perhaps", config.EnvRule{}, "expected true or false"},
		{"url without a scheme", "url", "example.org", config.EnvRule{}, "expected a URL such as http://host/"},
		{"host with a path", "host", "a/b", config.EnvRule{}, "expected a host name or an address"},
		{"IPv6 with a port", "hostport", "[::1]:80", config.EnvRule{}, ""},
		{"IPv6 without brackets", "hostport", "::1:80", config.EnvRule{}, "expected host:port"},
		{"relative path", "path", "etc", config.EnvRule{}, "expected an absolute path"},
		{"word that is not among them", "enum", "c", config.EnvRule{Values: []string{"a", "b"}}, "expected a, b"},
		{"half of JSON", "json", "{", config.EnvRule{}, "expected JSON"},
		{"pattern is for all of it", "string", "abc", config.EnvRule{Pattern: "ab"}, "expected what ab matches"},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.rule.Type = row.typ
			if got := violates(row.rule, row.text); got != row.want {
				t.Errorf("violates(%s, %q) = %q, want %q", row.typ, row.text, got, row.want)
			}
		})
	}
}
