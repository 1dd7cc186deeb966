package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
	"slipway/sources"
)

func TestTextsSurvive(t *testing.T) {
	for _, s := range []string{"", "a", " a  b ", "a\nb\r\n\tc", `\n \\ \x00`, "\x00\x01\x7f\xff\xfe", "grüße 🚢", strings.Repeat("x", 200<<10)} {
		var buf bytes.Buffer
		w := NewWriter(&buf)
		sent := []Message{
			{Verb: Key, Name: "k", Text: s, Secret: true}, {Verb: Set, Name: s, Text: s}, {Verb: Delete, Name: s}, {Verb: Note, Text: s},
			{Verb: Error, Name: "code", Text: s},
		}
		for _, m := range sent {
			w.Write(m)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r := NewReader(&buf, 1<<30)
		for _, want := range sent {
			got, err := r.Next()
			if err != nil || got != want {
				t.Errorf("%s of %.20q comes out as %.20q %.20q, %v", want.Verb, s, got.Name, got.Text, err)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("after the last line: %v, want io.EOF", err)
		}
	}
}

func TestRequest(t *testing.T) {
	sent := Request{Settings: []Setting{{"prefix", "/app/", false}, {"password", "hunter2 \n", true}, {"prefix", "/b", false}}, Watch: true}
	var buf bytes.Buffer
	if err := sent.Write(&buf); err != nil {
		t.Fatal(err)
	}
	if want := "slipway-source 1\nset prefix /app/\nsecret set password hunter2 \\n\nset prefix /b\nwatch\n"; buf.String() != want {
		t.Errorf("request =\n%s\nwant\n%s", buf.String(), want)
	}
	got, err := ReadRequest(NewReader(&buf, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/app/", "/b"}, got.Values("prefix")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got := got.Unknown([]string{"prefix"}); len(got) != 1 || got[0] != "password" {
		t.Errorf("unknown settings = %v, want password", got)
	}
	if text := fmt.Sprintf("%v %+v %#v", sent, sent, sent); strings.Contains(text, "hunter2") {
		t.Errorf("a printed request shows a secret: %s", text)
	}
}

func TestRequestErrors(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"nothing", "", "cannot read the request: unexpected EOF"},
		{"other language", "GET / HTTP/1.1\n", `cannot read the request: line 1: expected "slipway-source 1" as the first line`},
		{"other version", "slipway-source 2\n", "cannot read the request: cannot speak this version of the source protocol: got 2, want 1"},
		{"no verb", "slipway-source 1\nset a b\n", "cannot read the request: unexpected EOF before get or watch"},
		{"answer", "slipway-source 1\nsnapshot 1\n", "cannot read the request: line 2: snapshot is not part of a request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := ReadRequest(NewReader(strings.NewReader(row.in), 1<<20)); err == nil || err.Error() != row.want {
				t.Errorf("error = %v, want %s", err, row.want)
			}
		})
	}
}

// read returns the updates of an answer and how it ended.
func read(text string, limit int64) (us []Update, err error) {
	a := NewAnswer(NewReader(strings.NewReader(text), limit), "test")
	for {
		u, err := a.Next()
		if err != nil {
			return us, err
		}
		us = append(us, u)
	}
}

func TestSnapshotThenChanges(t *testing.T) {
	us, err := read(`slipway-source 1
note starting
snapshot 42
var LOG_LEVEL debug
secret var PW hunter2
var EMPTY
key /app/a 1
key /app/b\sc x\ny
end 42

change 43
key /app/a 2
delete /app/b\sc
unset PW
end 43
stale no contact
fresh
progress 50
`, 1<<20)
	if !errors.Is(err, io.EOF) {
		t.Fatalf("answer ends with %v, want io.EOF", err)
	}
	var s State
	for i, u := range us {
		s.Apply(u)
		if i == 1 {
			pw := u.Vars[1].Value
			if !pw.Secret || pw.Text != "hunter2" || pw.Origin != (sources.Origin{Source: "test", Revision: 42}) {
				t.Errorf("PW is %#v", pw)
			}
			if k := u.Keys[1]; k.Key != "/app/b c" || k.Value.Text != "x\ny" || k.Value.Origin.File != "/app/b c" {
				t.Errorf("second key is %q %v", k.Key, k.Value)
			}
		}
	}
	got := s.Snapshot()
	if got.Revision != 50 || len(got.Vars) != 2 || len(got.Keys) != 1 || got.Keys[0].Value.Text != "2" || got.Keys[0].Value.Origin.Revision != 43 {
		t.Errorf("state at the end is %d variables, keys %v at revision %d", len(got.Vars), got.Keys, got.Revision)
	}
}

// What is about to end is told with its time, in any zone, and that it is over as well; written
// again it is the same.
func TestExpires(t *testing.T) {
	const text = "slipway-source 1\nexpires 2030-01-31T14:00:00+02:00 the key of \\x41\nexpires never the key\nsnapshot 1\nend 1\n"
	us, err := read(text, 1<<20)
	if !errors.Is(err, io.EOF) || len(us) != 3 {
		t.Fatalf("read = %d updates, %v", len(us), err)
	}
	if u := us[0]; u.Kind != Expiring || u.Text != "the key of A" || !u.Until.Equal(time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("the first is %+v", u)
	}
	if u := us[1]; u.Kind != Expiring || u.Text != "the key" || !u.Until.IsZero() {
		t.Errorf("the second is %+v", u)
	}
	var buf bytes.Buffer
	w := NewWriter(&buf)
	w.WriteUpdate(us[0])
	w.WriteUpdate(us[1])
	if err := w.Flush(); err != nil || buf.String() != "expires 2030-01-31T12:00:00Z the key of A\nexpires never the key\n" {
		t.Errorf("written it is %q, %v", buf.String(), err)
	}
}

func TestAnswerErrors(t *testing.T) {
	const head = "slipway-source 1\n"
	for _, row := range []struct{ name, in, want string }{
		{"nothing at all", "", "unexpected EOF"},
		{"nothing but a greeting", head, "unexpected EOF"},
		{"usage text", "usage: x\n", `line 1: expected "slipway-source 1" as the first line`},
		{"other version", "slipway-source 2\n", "cannot speak this version of the source protocol: got 2, want 1"},
		{"no end", head + "snapshot 1\nkey a hunter2\n", "unexpected EOF in a snapshot"},
		{"cut line", head + "snapshot 1\nkey a hunter", "line 3: it has no end"},
		{"wrong end", head + "snapshot 1\nend 2\n", "line 3: end 2 of snapshot 1"},
		{"unknown word", head + "snapshot 1\nhunter2\n", "line 3: unknown first word"},
		{"bad escape", head + "snapshot 1\nkey a hunter2\\q\nend 1\n", `line 3: a backslash is followed by`},
		{"bad revision", head + "snapshot -1\n", "line 2: snapshot must be followed by a number"},
		{"no key", head + "snapshot 1\nkey \n", "line 3: a word is missing"},
		{"secret note", head + "secret note hunter2\n", "line 2: note cannot be secret"},
		{"no time", head + "expires hunter2 the key\n", "line 2: expires is followed by a time such as 2030-01-31T12:00:00Z, or by never"},
		{"a time and no name", head + "expires never\n", "line 2: a word is missing"},
		{"key outside", head + "key a hunter2\n", "line 2: key outside of a snapshot"},
		{"delete in a snapshot", head + "snapshot 1\ndelete a\n", "line 3: delete within a snapshot"},
		{"change first", head + "change 1\n", "line 2: a change to revision 1 after revision 0"},
		{"change backwards", head + "snapshot 5\nend 5\nchange 5\n", "line 4: a change to revision 5 after revision 5"},
		{"progress backwards", head + "snapshot 5\nend 5\nprogress 4\n", "line 4: progress to revision 4 after revision 5"},
		{"bad variable name", head + "snapshot 1\nvar A=B hunter2\n", "line 3: a variable cannot have this name"},
		{"NUL in a variable", head + "snapshot 1\nvar A hunter2\\x00\n", "line 3: variable A contains a NUL byte"},
		{"error", head + "error denied user may not read", "line 2: it has no end"},
		{"error line", head + "error denied user may not read\n", "user may not read"},
		{"error in a snapshot", head + "snapshot 1\nerror timeout too slow\n", "too slow"},
		{"too much", head + "snapshot 1\nkey a " + strings.Repeat("hunter2", 200) + "\n", "line 3: the program writes more at once than is read from it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			us, err := read(row.in, 1000)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("error = %v, want %s", err, row.want)
			}
			if strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("error shows the text: %v", err)
			}
			for _, u := range us {
				if len(u.Keys)+len(u.Vars) > 0 {
					t.Errorf("part of a broken update counts: %+v", u)
				}
			}
		})
	}
	long := head + "snapshot 1\nkey a " + strings.Repeat("x", MaxLine) + "\nend 1\n"
	if _, err := read(long, 1<<30); !errors.Is(err, ErrTooLong) {
		t.Errorf("a line of more than MaxLine = %v, want ErrTooLong", err)
	}
}

// FuzzAnswer checks that what a program writes never panics, and that what was
// understood is understood the same when it is written again.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"slipway-source 1\nsnapshot 1\nvar A b\nsecret key /a\\sb \\x00\\n\nend 1\nchange 2\ndelete /a\nunset A\nend 2\nprogress 3\n",
		"slipway-source 1\nerror denied \\t\n", "slipway-source 1\r\nsnapshot 0\r\nkey a\nend 0\n", "slipway-source 1\nsnapshot 1\nkey \\e \\\nend 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		var s State
		us, _ := read(text, 1<<20)
		for _, u := range us {
			s.Apply(u)
		}
		first := s.Snapshot()
		var buf bytes.Buffer
		w := NewWriter(&buf)
		w.Write(Message{Verb: Hello, Number: Version})
		w.WriteUpdate(first)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		again, err := read(buf.String(), 1<<30)
		if !errors.Is(err, io.EOF) || len(again) != 1 {
			t.Fatalf("written again: %d updates, %v\n%s", len(again), err, buf.String())
		}
		var s2 State
		s2.Apply(again[0])
		second := s2.Snapshot()
		if len(first.Vars) != len(second.Vars) || len(first.Keys) != len(second.Keys) {
			t.Fatalf("%d variables and %d keys became %d and %d", len(first.Vars), len(first.Keys), len(second.Vars), len(second.Keys))
		}
		for i, v := range first.Vars {
			if w := second.Vars[i]; w.Name != v.Name || w.Value.Text != v.Value.Text || w.Value.Secret != v.Value.Secret {
				t.Errorf("variable %q changed", v.Name)
			}
		}
		for i, p := range first.Keys {
			if q := second.Keys[i]; q.Key != p.Key || q.Value.Text != p.Value.Text || q.Value.Secret != p.Value.Secret {
				t.Errorf("key %q changed", p.Key)
			}
		}
	})
}
