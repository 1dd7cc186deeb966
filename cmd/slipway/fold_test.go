package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"slipway/internal/test/testkit"
)

func TestHanging(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		width            int
	}{
		{"no terminal", "a b c\n", "a b c\n", 0},
		{"narrow enough", "renders  /etc/a: create\n", "renders  /etc/a: create\n", 23},
		{"below the second column", "renders  /etc/a: create it now\n", "renders  /etc/a: create it\n         now\n", 26},
		{"an option", "  -h, --help   help for it, please\n", "  -h, --help   help for it,\n               please\n", 31},
		{"an indented line", "  one two three four five\n", "  one two three four\n  five\n", 20},
		{"a paragraph", "one two three four\nfive six\n\nseven\n", "one two\nthree four\nfive six\n\nseven\n", 10},
		{"a word that is too wide", "from     /a/path/that/is/very/long\n", "from     /a/path/that/is/very/\n         long\n", 30},
		{"blanks of a command", "command  echo 'a  b' and more of it\n", "command  echo 'a  b' and\n         more of it\n", 26},
		{"no room below", "  a-very-long-name   x y\n", "  a-very-long-name\nx y\n", 20},
		{"umlauts", "äöü äöü äöü\n", "äöü äöü\näöü\n", 7},
		{"empty", "", "", 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := hanging(tt.text, tt.width)
			if got != tt.want {
				t.Errorf("hanging = %q, want %q", got, tt.want)
			}
			for line := range strings.Lines(got) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); tt.width > 0 && n > tt.width {
					t.Errorf("%q is %d wide, want at most %d", line, n, tt.width)
				}
			}
		})
	}
}

// No width makes it lose a word or hang.
func FuzzHanging(f *testing.F) {
	f.Add("renders  /etc/a: create\n", uint8(10))
	f.Add("a b\n  c  d\n", uint8(1))
	f.Fuzz(func(t *testing.T, text string, width uint8) {
		defer testkit.Timed(t, len(text))()
		if !utf8.ValidString(text) {
			t.Skip()
		}
		got := hanging(text, int(width))
		if a, b := strings.Join(strings.FieldsFunc(got, isBlank), ""), strings.Join(strings.FieldsFunc(text, isBlank), ""); a != b {
			t.Errorf("hanging(%q, %d) = %q", text, width, got)
		}
	})
}

func isBlank(r rune) bool { return r == ' ' || r == '\n' }
