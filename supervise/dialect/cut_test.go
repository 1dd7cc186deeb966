package dialect

import (
	"strings"
	"testing"
)

// TestCutShort: a value that a comment cuts is said only if the comment looks like its rest.
func TestCutShort(t *testing.T) {
	for _, r := range []struct {
		line string
		want bool
	}{
		{`command = sh -c "a ; b"`, true},
		{`command = sh -c 'a ; b' ; why`, true},
		{`command = sh -c "echo #1 #2"`, true},
		{`command = bash -c while true; do x ; done`, true},
		{`command = bash -c if a ; then b`, true},
		{`environment = A="x ; y",B="z"`, true},
		{`command = sh -c "a; b"`, false},
		{`command = /bin/true ; a comment`, false},
		{`command = /bin/true ; the user's own`, false},
		{`description = the user's ; a comment`, false},
		{`command = /bin/true ; do not touch`, true}, // it is worth a look
		{`command = /bin/true ;`, false},
		{`; command = sh -c "a ; b"`, false},
		{`command = sh -c "a;b" ; see "the manual"`, false},
	} {
		doc := new(Document)
		var bad Report
		parse(doc, "f", "/", "[program:a]\n"+r.line+"\n", &bad)
		if got := len(doc.Notes) == 1; got != r.want || len(bad.List) > 0 {
			t.Errorf("%s: notes %v, %v, want one %t", r.line, doc.Notes, bad.List, r.want)
		}
		for _, n := range doc.Notes {
			if n.Pos.Line != 2 || n.Pos.Col == 0 || !strings.Contains(n.Text, "is no part of it") || n.Hint == "" {
				t.Errorf("%s: note is %+v", r.line, n)
			}
		}
	}
	doc := new(Document)
	var bad Report
	parse(doc, "f", "/", "[program:a]\ncommand = bash -c \"x\n  while y ; do z\"\n", &bad)
	if len(doc.Notes) != 1 || doc.Notes[0].Pos.Line != 3 {
		t.Errorf("a further line: notes are %v, want one about it", doc.Notes)
	}
}
