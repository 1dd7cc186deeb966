package xmlrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

// The answers of Supervisor are what Python's xmlrpc.client.dumps prints, so that
// is compared byte by byte.
func TestWritesLikePython(t *testing.T) {
	python := requirePython(t)
	rows := []struct {
		name string
		v    any
		py   string
	}{
		{"int", int64(-5), `-5`},
		{"true", true, `True`},
		{"false", false, `False`},
		{"string", "a & <b> \"c\" 'd' ü\n\t", `"a & <b> \"c\" 'd' ü\n\t"`},
		{"empty string", "", `""`},
		{"empty list", []any{}, `[]`},
		{"list", []any{int64(1), "x", []any{true}}, `[1, "x", [True]]`},
		{"struct", Struct{{"a", int64(1)}, {"b<", "x"}}, `{"a": 1, "b<": "x"}`},
		{"empty struct", Struct{}, `{}`},
		{"double", 1.5, `1.5`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			script := "import sys, xmlrpc.client as x; v = " + row.py + "\n" +
				"sys.stdout.buffer.write(x.dumps((v,), methodresponse=True).encode())"
			want, err := exec.Command(python, "-c", script).Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(Response(row.v)); got != string(want) {
				t.Errorf("Response:\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Run("fault", func(t *testing.T) {
		script := "import sys, xmlrpc.client as x; sys.stdout.write(x.dumps(x.Fault(10, 'BAD_NAME: <x>')))"
		want, err := exec.Command(python, "-c", script).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(FaultResponse(10, "BAD_NAME: <x>")); got != string(want) {
			t.Errorf("FaultResponse:\n%s\nwant\n%s", got, want)
		}
	})
}

// What is written is read by a real client, whatever bytes a program has logged.
func TestForbiddenCharactersStayReadable(t *testing.T) {
	python := requirePython(t)
	in := "a\x00b\x1b[0m\xff\r\n\ufffe" + "𝄞"
	want := "a\ufffdb\ufffd[0m\ufffd\r\n\ufffd" + "𝄞"
	cmd := exec.Command(python, "-c", "import sys, json, xmlrpc.client as x\n"+
		"print(json.dumps(x.loads(sys.stdin.buffer.read())[0][0]))")
	cmd.Stdin = bytes.NewReader(Response(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("a client reads %q, want %q", got, want)
	}
}

func TestParseCall(t *testing.T) {
	value := func(inner string) string {
		return "<methodCall><methodName>m</methodName><params><param>" + inner + "</param></params></methodCall>"
	}
	rows := []struct {
		name string
		doc  string
		want []any
		fail bool
	}{
		{"int", value("<value><int>5</int></value>"), []any{int64(5)}, false},
		{"i4 with blanks", value("<value> <i4> -7 </i4> </value>"), []any{int64(-7)}, false},
		{"boolean", value("<value><boolean>1</boolean></value>"), []any{true}, false},
		{"boolean word", value("<value><boolean>true</boolean></value>"), []any{false}, false},
		{"string", value("<value><string> x &lt;y&gt; </string></value>"), []any{" x <y> "}, false},
		{"untyped", value("<value>plain</value>"), []any{"plain"}, false},
		{"untyped empty", value("<value/>"), []any{""}, false},
		{"double", value("<value><double>1.5</double></value>"), []any{1.5}, false},
		{"time", value("<value><dateTime.iso8601>20240102T03:04:05</dateTime.iso8601></value>"),
			[]any{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}, false},
		{"base64", value("<value><base64>aGVs\n bG8=</base64></value>"), []any{"hello"}, false},
		{"array", value("<value><array><data><value><int>1</int></value><value>x</value></data></array></value>"),
			[]any{[]any{int64(1), "x"}}, false},
		{"struct", value("<value><struct><member><name>a</name><value><int>1</int></value></member></struct></value>"),
			[]any{Struct{{"a", int64(1)}}}, false},
		{"nil", value("<value><nil/></value>"), []any{nil}, false},
		{"cdata", value("<value><![CDATA[<x>]]></value>"), []any{"<x>"}, false},
		{"no params", "<methodCall><methodName>m</methodName></methodCall>", nil, false},
		{"empty params", "<methodCall><methodName>m</methodName><params/></methodCall>", nil, false},
		{"other root, unknown elements", "<a><b><c/></b><methodName>m</methodName></a>", nil, false},
		{"latin-1", "<?xml version='1.0' encoding='iso-8859-1'?>" + value("<value>\xfc</value>"), []any{"ü"}, false},
		{"no method", "<methodCall/>", nil, true},
		{"empty method", "<methodCall><methodName></methodName></methodCall>", nil, true},
		{"no document", "", nil, true},
		{"no xml", "x", nil, true},
		{"unfinished", "<methodCall><methodName>m", nil, true},
		{"bad int", value("<value><int>x</int></value>"), nil, true},
		{"int too large", value("<value><int>99999999999999999999</int></value>"), nil, true},
		{"bad double", value("<value><double>x</double></value>"), nil, true},
		{"bad time", value("<value><dateTime.iso8601>now</dateTime.iso8601></value>"), nil, true},
		{"bad base64", value("<value><base64>*</base64></value>"), nil, true},
		{"unknown type", value("<value><long>5</long></value>"), nil, true},
		{"two values", value("<value><int>5</int><int>6</int></value>"), nil, true},
		{"empty param", value(""), nil, true},
		{"entity bomb", "<!DOCTYPE x [<!ENTITY a 'x'>]>" + value("<value>&a;</value>"), nil, true},
		{"deep", value(strings.Repeat("<value><array><data>", 200)), nil, true},
		{"invalid utf-8", value("<value>\xff</value>"), nil, true},
		{"utf-16", "<?xml version='1.0' encoding='utf-16'?>" + value("<value>x</value>"), nil, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			method, got, err := ParseCall(strings.NewReader(row.doc))
			if row.fail {
				if err == nil {
					t.Errorf("parsed as %v, want an error", got)
				}
				return
			}
			if err != nil || method != "m" || !cmp.Equal(got, row.want) {
				t.Errorf("ParseCall = %q, %#v, %v, want %#v", method, got, err, row.want)
			}
		})
	}
}

func TestParseResponse(t *testing.T) {
	v, err := ParseResponse(bytes.NewReader(Response([]any{int64(1), Struct{{"a", "b"}}})))
	if err != nil || !cmp.Equal(v, any([]any{int64(1), Struct{{"a", "b"}}})) {
		t.Errorf("got %#v, %v", v, err)
	}
	_, err = ParseResponse(bytes.NewReader(FaultResponse(70, "NOT_RUNNING: x")))
	var f *Fault
	if !errors.As(err, &f) || f.Code != 70 || err.Error() != "<Fault 70: 'NOT_RUNNING: x'>" {
		t.Errorf("got %v, want fault 70", err)
	}
	if _, err := ParseResponse(strings.NewReader("<methodResponse/>")); err == nil {
		t.Error("an empty answer was accepted")
	}
}

func TestIntegersAreCapped(t *testing.T) {
	if got := string(Response(int64(1) << 40)); !strings.Contains(got, "<int>2147483647</int>") {
		t.Errorf("got %s", got)
	}
}

func FuzzParseCall(f *testing.F) {
	f.Add(string(Call("supervisor.startProcess", "x", true)))
	f.Add(string(Call("m", []any{int64(1), Struct{{"a", "b"}}, 1.5})))
	f.Add("<methodCall><methodName>m</methodName><params><param><value>x</value></param></params></methodCall>")
	f.Fuzz(func(t *testing.T, doc string) {
		defer testkit.Timed(t, len(doc))()
		method, args, err := ParseCall(strings.NewReader(doc))
		if err != nil {
			return
		}
		again, args2, err := ParseCall(bytes.NewReader(Call(method, args...)))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if strings.IndexFunc(method, func(r rune) bool { return r == '\ufffd' }) < 0 && again != method {
			t.Errorf("method %q became %q", method, again)
		}
		if len(args2) != len(args) {
			t.Errorf("%d arguments became %d", len(args), len(args2))
		}
	})
}

// requirePython returns Debian's Python, which is the oracle.
func requirePython(t *testing.T) string {
	t.Helper()
	testkit.Need(t, testkit.Python)
	return "/usr/bin/python3"
}

// An answer of a supervisor is read or refused.
func FuzzParseResponse(f *testing.F) {
	for _, s := range []string{"<methodResponse><params><param><value><array><data><value><int>1</int></value></data></array></value></param></params></methodResponse>",
		"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member></struct></value></fault></methodResponse>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		ParseResponse(bytes.NewReader(text)) //nolint:errcheck // that it returns is what is asked
	})
}
