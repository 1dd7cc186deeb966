package contract

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
)

func view(words ...string) *sources.View {
	l := sources.Layer{Source: "environment"}
	for _, w := range words {
		name, text, _ := strings.Cut(w, "=")
		l.Vars = append(l.Vars, sources.Var{Name: name, Value: sources.Value{Text: text, Origin: sources.Origin{Source: "environment"}}})
	}
	return sources.Merge(l)
}

// expand replaces $NAME, and fails for a name that is not set.
func expand(v *sources.View, r Rule) (string, bool, error) {
	name, ok := strings.CutPrefix(r.Default, "$")
	if !ok {
		return r.Default, false, nil
	}
	text, secret, ok := v.Get(name)
	if !ok {
		return "", false, fmt.Errorf("%s is not set", name)
	}
	return text + "!", secret, nil
}

func contract(t *testing.T, rules ...Rule) *Contract {
	t.Helper()
	for i := range rules {
		rules[i].Origin = sources.Origin{File: "app.conf", Line: i + 1}
	}
	c, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTypes(t *testing.T) {
	for _, row := range []struct {
		rule Rule
		good []string
		bad  []string
	}{
		{Rule{Type: "string"}, []string{"x", "a b\n"}, nil},
		{Rule{}, []string{"x"}, nil},
		{Rule{Type: "string", Pattern: "[a-z]+|X"}, []string{"abc", "X"}, []string{"ab1", "Xa", "a\n"}},
		{Rule{Type: "int", Min: "-1", Max: "10"}, []string{"-1", "0", "10"}, []string{"-2", "11", "1.5", "0x1", "x"}},
		{Rule{Type: "bool"}, []string{"true", "False", "yes", "off", "1"}, []string{"2", "y", "tru"}},
		{Rule{Type: "port"}, []string{"1", "65535"}, []string{"0", "65536", "-1", "http", "tcp://10.0.0.1:80"}},
		{Rule{Type: "port", Min: "1024"}, []string{"8080"}, []string{"80"}},
		{Rule{Type: "url"}, []string{"http://a", "jdbc://a:1/b", "unix:///x"}, []string{"a", "a:1", "http://", "://a", "/x"}},
		{Rule{Type: "host"}, []string{"a", "a-b.c_d.", "10.0.0.1", "fd00::1"}, []string{"a:1", "http://a", "-a", "a..b", "a b"}},
		{Rule{Type: "hostport"}, []string{"a:1", "[fd00::1]:80", "10.0.0.1:80"}, []string{"a", "fd00::1:80", "a:x", ":80", "a:0"}},
		{Rule{Type: "duration", Max: "1h"}, []string{"1s", "500ms", "1h"}, []string{"10", "1d", "61m"}},
		{Rule{Type: "size", Min: "1k", Max: "1GB"}, []string{"1024", "64KB", "64k", "1GiB", "5m"}, []string{"1023", "2g", "1X", "k", "-1k", "99999999999999T", "1kk"}},
		{Rule{Type: "path"}, []string{"/a"}, []string{"a", "~/a"}},
		{Rule{Type: "enum", Values: []string{"debug", "info"}}, []string{"info"}, []string{"INFO", "x"}},
		{Rule{Type: "json"}, []string{"{}", `"a"`, "[1]"}, []string{"{", "a"}},
	} {
		row.rule.Name = "X"
		c := contract(t, row.rule)
		for _, text := range row.good {
			if _, errs := c.Check(view("X="+text), expand); len(errs) != 0 {
				t.Errorf("%s %q: %v, want no error", row.rule.Type, text, errs)
			}
		}
		for _, text := range row.bad {
			if _, errs := c.Check(view("X="+text), expand); len(errs) != 1 {
				t.Errorf("%s %q: %d errors, want one", row.rule.Type, text, len(errs))
			}
		}
	}
	if got := len(Types()); got != 12 {
		t.Errorf("%d types, want the 12 of the option table", got)
	}
}

func TestEveryViolationInOneReport(t *testing.T) {
	c := contract(t,
		Rule{Name: "SEARCH_URL", Type: "url", Required: true, Description: "where the search index answers"},
		Rule{Name: "LOG_LEVEL", Type: "enum", Values: []string{"debug", "info"}},
		Rule{Name: "REDIS_PORT", Type: "port"},
		Rule{Name: "PW", Type: "int", Secret: true},
		Rule{Name: "TOKEN", Required: true, Secret: true},
		Rule{Name: "NAME", Required: true},
		Rule{Name: "FREE"},
		Rule{Name: "WAIT", Type: "duration"},
	)
	_, errs := c.Check(view("SEARCH_ULR=x", "LOG_LEVEL=inof", "REDIS_PORT=tcp://10.0.0.11:6379", "PW=hunter2", "NAME=", "FREE=", "WAIT=10"), expand)
	var got []string
	for _, err := range errs {
		var v *Violation
		if !errors.As(err, &v) {
			t.Fatalf("error %v is no violation", err)
		}
		got = append(got, v.Error(), "  "+v.Hint)
	}
	want := []string{
		"cannot go on without SEARCH_URL, which app.conf:1 requires: where the search index answers", "  SEARCH_ULR is set; is that what was meant?",
		`cannot accept LOG_LEVEL from environment, which app.conf:2 declares: expected one of debug, info, got "inof"`, "  did you mean info?",
		`cannot accept REDIS_PORT from environment, which app.conf:3 declares: expected a port number (1 to 65535), got "tcp://10.0.0.11:6379"`,
		"  Docker links and Kubernetes services set a variable of this name: ask for the peer with link, or unset enableServiceLinks",
		"cannot accept PW from environment, which app.conf:4 declares: expected a whole number, got «redacted»", "  ",
		"cannot go on without TOKEN, which app.conf:5 requires: expected a text", "  give the path of a file in TOKEN_FILE, or mount a secret",
		"cannot go on without NAME, which app.conf:6 requires: expected a text (it is empty)", "  ",
		`cannot accept WAIT from environment, which app.conf:8 declares: expected a duration such as 500ms, 30s or 2h, got "10"`, "  add a unit: 10s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// A default that is made of a declared secret is one, although nothing else says so.
func TestDefaultOfASecretIsSecret(t *testing.T) {
	c := contract(t, Rule{Name: "PASSWORD", Secret: true}, Rule{Name: "LOGIN", HasDefault: true, Default: "$PASSWORD"})
	got, errs := c.Check(view("PASSWORD=hunter2"), expand)
	if text, secret, _ := got.Get("LOGIN"); text != "hunter2!" || !secret || len(errs) > 0 {
		t.Errorf("LOGIN = %q, secret %v, %v, want a secret", text, secret, errs)
	}
}

func TestDefaults(t *testing.T) {
	c := contract(t,
		Rule{Name: "A", HasDefault: true, Default: "$B"},
		Rule{Name: "B", HasDefault: true, Default: "$C"},
		Rule{Name: "C", HasDefault: true, Default: "c"},
		Rule{Name: "GIVEN", HasDefault: true, Default: "no", Secret: true},
		Rule{Name: "EMPTY", HasDefault: true, Default: "no"},
		Rule{Name: "BAD", Type: "int", HasDefault: true, Default: "x"},
		Rule{Name: "LOOP", HasDefault: true, Required: true, Default: "$POOL"},
		Rule{Name: "POOL", HasDefault: true, Default: "$LOOP"},
	)
	got, errs := c.Check(view("GIVEN=yes", "EMPTY="), expand)
	if diff := cmp.Diff([]string{"A=c!!", "B=c!", "BAD=x", "C=c", "EMPTY=", "GIVEN=yes"}, got.Environ()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	if diff := cmp.Diff([]string{
		"cannot make the default of LOOP at app.conf:7: POOL is not set",
		"cannot make the default of POOL at app.conf:8: LOOP is not set",
		`cannot accept BAD from app.conf:6, which app.conf:6 declares: expected a whole number, got "x"`,
	}, texts); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if _, secret, _ := got.Get("GIVEN"); !secret {
		t.Error("GIVEN is declared a secret and is none")
	}
	if e, _ := got.Lookup("C"); e.Value.Origin.Source != "default" {
		t.Errorf("origin of C is %+v, want the source default", e.Value.Origin)
	}
}

func TestADefaultThatUsesASecretIsOne(t *testing.T) {
	c := contract(t, Rule{Name: "URL", HasDefault: true, Default: "$PW"})
	v := view("PW=hunter2").Taint("PW")
	got, _ := c.Check(v, expand)
	if _, secret, _ := got.Get("URL"); !secret {
		t.Error("URL is made of a secret and is none")
	}
}

func TestBadRules(t *testing.T) {
	_, err := New([]Rule{
		{Name: "A", Type: "integer"}, {Name: "B", Pattern: "("}, {Name: "C", Type: "int", Min: "x"}, {Name: "D", Type: "int", Min: "2", Max: "1"},
		{Name: "E", Type: "enum"}, {Name: "F", Min: "1"}, {Name: "G=H"},
	})
	for _, want := range []string{`A at unknown: unknown type "integer"`, "B at unknown: pattern: ", `C at unknown: min: expected a whole number, got "x"`,
		"D at unknown: min 2 is more than max 1", "E at unknown: values and type enum belong together", "F at unknown: min has no meaning for type string", "G=H at unknown: a variable cannot have this name"} {
		if !strings.Contains(fmt.Sprint(err), "cannot use the rule of "+want) {
			t.Errorf("errors lack %q:\n%v", want, err)
		}
	}
}

func TestInventedValuesFit(t *testing.T) {
	var rules []Rule
	for _, typ := range Types() {
		r := Rule{Name: strings.ToUpper(typ), Type: typ, Required: true}
		if typ == "enum" {
			r.Values = []string{"a", "b"}
		}
		rules = append(rules, r)
	}
	rules = append(rules, Rule{Name: "LOW", Type: "int", Max: "-5"}, Rule{Name: "BIG", Type: "size", Min: "5GB", Secret: true}, Rule{Name: "DEF", HasDefault: true})
	c := contract(t, rules...)
	layer, notes := c.Invent()
	if len(notes) != 0 || len(layer.Vars) != len(rules)-1 {
		t.Fatalf("%d values, notes %v", len(layer.Vars), notes)
	}
	if _, errs := c.Check(sources.Merge(layer), expand); len(errs) != 0 {
		t.Errorf("invented values: %v", errs)
	}
	c = contract(t, Rule{Name: "P", Pattern: "[0-9]{4}"})
	if _, notes := c.Invent(); len(notes) != 1 || notes[0].String() != "app.conf:1: P: no value can be invented: expected a match of [0-9]{4}" {
		t.Errorf("notes = %v", notes)
	}
}
