package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func tableText(t *testing.T, width int, rows ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	tab := newTable(&b)
	tab.width = width
	for _, r := range rows {
		tab.row(append([]string(nil), r...)...)
	}
	if err := tab.flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	rows := [][]string{{"NAME", "STATE", "DETAIL"}, {"web", "FATAL", "exit status 1: cannot open the configuration file"}, {"db", "RUNNING", ""}}
	for _, tt := range []struct {
		name  string
		width int
		want  string
	}{
		{"no terminal", 0, "NAME  STATE    DETAIL\nweb   FATAL    exit status 1: cannot open the configuration file\ndb    RUNNING\n"},
		{"wide enough", 64, "NAME  STATE    DETAIL\nweb   FATAL    exit status 1: cannot open the configuration file\ndb    RUNNING\n"},
		{"folded", 41, "NAME  STATE    DETAIL\nweb   FATAL    exit status 1: cannot open\n               the configuration file\ndb    RUNNING\n"},
		{"cut", 18, "NAME  STATE  DETAI\n             L\nweb   FATAL  exit\n             statu\n             s 1:\n             canno\n             t\n             open\n             the\n             confi\n             gurat\n             ion\n             file\ndb    RUNN…\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tableText(t, tt.width, rows...); got != tt.want {
				t.Errorf("table =\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// Whatever is in a table, and however narrow the terminal is: no line is wider, as long
// as each column has room for one character.
func TestTableIsNeverTooWide(t *testing.T) {
	long := strings.Repeat("ä", 70)
	rows := [][]string{
		{"NAME", "VALUE", "FROM", "SHADOWS"},
		{"A", long, "environment", "x y " + long + " z"},
		{long, "", "env.d/10.env:3:1", ""},
		{"short row"},
		{"a\nb", "c\td", "e", "f"},
	}
	for width := 10; width < 300; width++ {
		for i, line := range strings.Split(tableText(t, width, rows...), "\n") {
			if n := utf8.RuneCountInString(line); n > width {
				t.Fatalf("line %d has %d characters in a terminal of %d: %q", i, n, width, line)
			}
		}
	}
	for width := range 10 { // no room: it is printed nevertheless
		if got := tableText(t, width, rows...); got == "" {
			t.Error("nothing is printed in a terminal of " + fmt.Sprint(width))
		}
	}
}

// What is folded is all there.
func TestFoldedLosesNothing(t *testing.T) {
	text := "one three-and-more " + strings.Repeat("x", 30) + " four"
	for width := 1; width < 60; width++ {
		got := strings.Join(folded(text, width), "")
		if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("folded to %d = %q", width, got)
		}
	}
}
