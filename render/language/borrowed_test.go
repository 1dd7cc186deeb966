package language

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/sprig/v3"

	"slipway/render"
)

// borrowedRows is every row of the tables of borrowed functions.
func borrowedRows() []borrowed {
	var rows []borrowed
	for _, table := range borrowings(sprig.GenericFuncMap()) {
		rows = append(rows, table.Rows...)
	}
	return rows
}

// Each function of sprig is ours, refused, or a row that says what it does with values
// that it has no use for. A function that a new version brings fails this test.
func TestEveryFunctionOfSprig(t *testing.T) {
	rows := map[string]int{}
	for _, r := range borrowedRows() {
		rows[r.Name]++
	}
	reg := newRegistry()
	own := sprig.GenericFuncMap()
	for name := range own {
		_, ours := reg.ours[name]
		_, refused := reg.refused[name]
		places := rows[name]
		if ours {
			places++
		}
		if refused {
			places++
		}
		if places != 1 {
			t.Errorf("%s stands in %d of the tables: ours, refused, borrowed; want one", name, places)
		}
	}
	for _, r := range borrowedRows() {
		if own[r.Name] == nil && r.fn == nil {
			t.Errorf("%s is no function of sprig, and has none of ours", r.Name)
		}
		// The arguments are those of sprig, in its order. A whole number stays one.
		if own[r.Name] != nil && r.fn != nil {
			a, b := reflect.TypeOf(own[r.Name]), reflect.TypeOf(r.fn)
			if a.NumIn() != b.NumIn() || a.IsVariadic() != b.IsVariadic() {
				t.Errorf("%s is %v here, and %v in sprig", r.Name, b, a)
				continue
			}
			for i := range a.NumIn() {
				if a.In(i) != b.In(i) {
					t.Errorf("argument %d of %s is a %v here, and a %v in sprig", i+1, r.Name, b.In(i), a.In(i))
				}
			}
		}
	}
}

func TestBorrowedFunctions(t *testing.T) {
	for _, r := range borrowedRows() {
		t.Run(r.Name, func(t *testing.T) {
			if !strings.HasSuffix(r.Bad, ".") || !regexp.MustCompile(`\b`+r.Name+`\b`).MatchString(r.Try) {
				t.Errorf("a row needs full sentences and a template that calls the function: %+v", r)
			}
			got, err := renderText(t, r.Try, exampleData())
			if r.Defined {
				if err != nil || got != r.Want {
					t.Errorf("%s = %q, %v, want %q", r.Try, got, err, r.Want)
				}
				return
			}
			var problems render.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("%s = %q, %v, want that it fails", r.Try, got, err)
			}
			if p := problems[0]; len(problems) != 1 || p.Pos.Line != 1 || p.Pos.Col < 2 || goText(p.Text) || goText(p.Hint) {
				t.Errorf("%s: %v (hint %q), want one problem with its place, in plain words", r.Try, problems, p.Hint)
			}
		})
	}
}

// What Go and its libraries write where they have nothing to say.
var goWords = regexp.MustCompile(`%!|<no value>|<nil>|interface \{\}|map\[|0xc0|goroutine|runtime error|reflect|illegal base|invalid character|strconv\.|unable to|language\.|error calling|wrong type|panic|ǃ`)

func goText(s string) bool { return goWords.MatchString(s) }

// oddValues are values that functions are not meant for.
func oddValues() []any {
	return []any{
		"", "x", "80O0", "-1", "0", "2006", "[1,", "(", "1.5", "\xff\x00", "ä€😀", "%!d(string=1)x"[4:], strings.Repeat("a", 70),
		0, -1, 3, 1 << 40, -1 << 63, int64(1<<63 - 1), uint64(1 << 63), 0.5, 1e300, true, false, nil,
		[]any{}, []any{nil}, []any{1, "a", map[string]any{"a": 1}}, []string{"b", "a"}, []int{},
		map[string]any{}, map[string]any{"a": nil, "b": []any{1.5}}, map[string]any{"host": 1}, time.Duration(5), time.Unix(0, 0).UTC(), peer("a", "b", 1),
	}
}

// Every function, with every pair of odd values in every pair of places: it fails in plain
// words, or writes something that is not Go's word for a mistake.
func TestOddValues(t *testing.T) {
	names := newRegistry().names()
	values := oddValues()
	items := make([]string, len(values))
	for i := range items {
		items[i] = fmt.Sprintf("(index .Data.odd %d)", i)
	}
	data := exampleData()
	data.Tree = map[string]any{"odd": values}
	for _, name := range names {
		if name == "derivePassword" || name == "include" {
			continue // slow by intent; a template
		}
		t.Run(name, func(t *testing.T) {
			var calls []string
			for i, a := range items {
				calls = append(calls, name+" "+a, name+" 1 2 "+a, name+` "a" `+a+` "b"`)
				for j := i % 17; j < len(items); j += 17 {
					calls = append(calls, name+" "+a+" "+items[j], name+` "%v" `+items[j]+" "+a)
				}
			}
			var set Set
			for i, call := range calls {
				set.Templates = append(set.Templates, Template{Dest: fmt.Sprintf("/%d", i), Name: fmt.Sprint(i), Text: "{{ " + call + " }}", Mode: render.Keep})
			}
			b, said := newBuilder(&data), sync.Once{}
			wrong := func(format string, args ...any) { said.Do(func() { t.Errorf(format, args...) }) } // one is enough
			each(len(set.Templates), func(i int) {
				r := b.template(set.Templates[i], true)
				for _, p := range r.problems {
					if goText(p.Text) || goText(p.Hint) || p.Pos.Line != 1 && p.Pos.Col < 1 {
						wrong("%s: %s (hint %q)", set.Templates[i].Text, p.Error(), p.Hint)
					}
				}
				if len(r.problems) == 0 && name != "typeOf" && !strings.HasPrefix(name, "to") && goText(strings.ReplaceAll(string(r.targets[0].Content), "%!d", "")) {
					wrong("%s = %q", set.Templates[i].Text, r.targets[0].Content)
				}
			})
		})
	}
}

// What sprig does well stays as it is.
func TestGoodValuesAsInSprig(t *testing.T) {
	own := sprig.GenericFuncMap()
	for _, r := range borrowedRows() {
		if own[r.Name] == nil || r.fn == nil {
			continue
		}
		for _, args := range goodArguments[strings.TrimPrefix(strings.ToLower(r.Name), "must")] {
			in := make([]reflect.Value, len(args))
			for i, a := range args {
				in[i] = reflect.ValueOf(a)
			}
			want := reflect.ValueOf(own[r.Name]).Call(in)
			got := reflect.ValueOf(r.fn).Call(in)
			if len(got) > 1 && !got[1].IsNil() {
				t.Errorf("%s%q: %v, want %v", r.Name, args, got[1], want[0])
				continue
			}
			if !reflect.DeepEqual(got[0].Interface(), want[0].Interface()) {
				t.Errorf("%s%q = %#v, want %#v", r.Name, args, got[0], want[0])
			}
		}
	}
	for _, r := range borrowedRows() {
		key := strings.TrimPrefix(strings.ToLower(r.Name), "must")
		if own[r.Name] != nil && r.fn != nil && goodArguments[key] == nil && !slices.Contains([]string{"date", "htmldate", "htmldateinzone", "dateinzone", "date_in_zone", "todate", "durationround", "_date_modify", "decryptaes", "buildcustomcert", "fail", "deepcopy"}, key) {
			t.Errorf("%s has no good arguments to compare with sprig's", r.Name)
		}
	}
}

var (
	abc       = []any{"c", "a", "b", "a", ""}
	numbers   = [][]any{{"7"}, {"0x1F"}, {"010"}, {"1.0"}, {"-3"}, {7}, {int64(7)}, {3.9}, {-3.9}, {true}, {uint8(3)}}
	floats    = append([][]any{{"1.5"}, {"1e3"}}, numbers[4:]...)
	twoInts   = [][]any{{7, 2}, {"7", 2.9}, {-7, "2"}}
	twoFloats = [][]any{{7, 2}, {"7.5", 2.9}, {0.1, 0.2}, {7}}
	lists     = [][]any{{abc}, {[]any{}}, {[]string{"b", "a"}}, {[]int{2, 1}}}
)

// goodArguments are by the name in lower case, without must.
var goodArguments = map[string][][]any{
	"int": numbers, "int64": numbers, "float64": floats, "atoi": {{"7"}, {"-7"}, {"010"}}, "todecimal": {{"755"}, {"0644"}, {777}},
	"add1": numbers, "add": twoInts, "sub": twoInts, "mul": twoInts, "div": twoInts, "mod": twoInts, "max": twoInts, "min": twoInts, "biggest": twoInts,
	"until": {{3}, {0}, {-3}}, "untilstep": {{0, 7, 2}, {7, 0, -2}, {0, 5, -1}, {5, 0, 1}}, "seq": {{3}, {-3}, {0}, {2, 5}, {5, 2}, {0, 2, 10}, {10, -3, 0}, {5, 1, 1}},
	"maxf": twoFloats, "minf": twoFloats, "subf": twoFloats, "divf": twoFloats, "mulf": twoFloats, "addf": twoFloats, "add1f": floats, "ceil": floats, "floor": floats,
	"round":  {{1.2345, 2}, {"1.5", 0}, {2.5, 0, 0.6}},
	"substr": {{0, 2, "abc"}, {1, -1, "abc"}, {1, 9, "abc"}, {-1, 2, "abc"}, {3, 3, "abc"}}, "repeat": {{3, "ab"}, {0, "a"}}, "indent": {{2, "a\nb"}, {0, ""}}, "nindent": {{2, "a\nb"}},
	"tostring": {{"a"}, {1}, {1.5}, {true}, {abc}, {time.Second}}, "quote": {{"a\"b", 1, 1.5}, {}, {true}}, "squote": {{"a", 1}, {}}, "cat": {{"a", 1, true}, {}},
	"has": {{"a", abc}, {"z", abc}, {2, []int{1, 2}}}, "slice": {{abc, 1, 3}, {abc, 1}, {abc}, {abc, "1"}, {[]any{}}}, "chunk": {{2, abc}, {9, abc}, {5, abc}}, "concat": {{abc, []string{"x"}}},
	"join": {{",", abc}, {",", "a"}, {",", []int{1, 2}}}, "tostrings": {{abc}, {"a"}, {[]any{1, nil, true, 2.5}}}, "sortalpha": {{abc}, {"a"}},
	"push": {{abc, 1}}, "append": {{abc, 1}}, "prepend": {{abc, 1}}, "first": lists, "last": lists, "rest": lists, "initial": lists, "reverse": lists, "uniq": lists, "compact": lists,
	"without": {{abc, "a"}, {abc}}, "set": {{map[string]any{}, "a", 1}}, "dict": {{"a", 1, "b", 2}, {}, {1, 2}},
	"dig":      {{"a", "d", map[string]any{"a": 1}}, {"a", "b", "d", map[string]any{"a": map[string]any{}}}, {"x", "y", "d", map[string]any{}}},
	"fromjson": {{`{"a":[1,2.5,"x",null]}`}, {"null"}, {" 1 "}}, "tojson": {{map[string]any{"a": "<"}}, {1}}, "toprettyjson": {{map[string]any{"a": "<"}}}, "torawjson": {{map[string]any{"a": "<"}}},
	"merge": {{map[string]any{"a": 1}, map[string]any{"a": 2, "b": 3}}}, "mergeoverwrite": {{map[string]any{"a": 1}, map[string]any{"a": 2, "b": 3}}},
	"b64dec": {{"YQ=="}, {""}}, "b32dec": {{"ME======"}, {""}}, "derivepassword": {{uint32(1), "pin", "p", "u", "s"}},
	"unixepoch": {{time.Unix(7, 0)}}, "date_modify": {{"1h", time.Unix(0, 0)}}, "datemodify": {{"-1h30m", time.Unix(0, 0)}}, "duration": {{"95"}, {int64(95)}},
	"urlparse": {{"http://u:p@h:1/p?q#f"}, {""}}, "urljoin": {{map[string]any{"scheme": "http", "host": "h", "userinfo": "a:b"}}, {map[string]any{}}},
	"semver": {{"1.2.3"}, {"v1"}}, "semvercompare": {{"^1.2", "1.3.0"}, {"^1.2", "2.0.0"}},
	"typeof": {{"a"}, {1}, {1.5}, {true}, {abc}, {map[string]any{}}}, "typeis": {{"string", "a"}, {"int", "a"}}, "typeislike": {{"string", "a"}, {"int", "a"}},
	"regexmatch": {{"a+", "caab"}}, "regexfind": {{"a+", "caab"}}, "regexfindall": {{"a", "caab", -1}}, "regexsplit": {{"a", "caab", -1}},
	"regexreplaceall": {{"(a+)", "caab", "<$1>"}}, "regexreplaceallliteral": {{"(a+)", "caab", "<$1>"}},
}

// The two that sprig's table does not make comparable: what encryptAES has made, and dates.
func TestDecryptAndDates(t *testing.T) {
	encrypt := sprig.GenericFuncMap()["encryptAES"].(func(string, string) (string, error))
	for _, text := range []string{"a", "sixteen bytes ok", strings.Repeat("x", 100)} {
		c, err := encrypt("password", text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decryptAES("password", c); err != nil || got != text {
			t.Errorf("decryptAES = %q, %v, want %q", got, err, text)
		}
	}
	rows := []struct{ text, want string }{
		{`{{ toDate "2006-01-02" "2020-02-03" | date "02.01.06 15:04 MST" }}`, "03.02.20 00:00 UTC"},
		{`{{ date "15:04" 3600 }} {{ date "15:04" (int64 "7200") }} {{ htmlDate 0 }}`, "01:00 02:00 1970-01-01"},
		{`{{ dateInZone "15:04" 0 "+02:00" }} {{ dateInZone "15:04" 0 "UTC" }} {{ htmlDateInZone 0 "-01:00" }}`, "02:00 00:00 1969-12-31"},
		{`{{ toDate "2006 MST" "2020 UTC" | dateModify "24h" | htmlDate }}`, "2020-01-02"},
		{`{{ durationRound "2h40m" }} {{ durationRound 3000000000 }} {{ durationRound (envDuration "TIMEOUT") }} {{ duration 95 }}`, "2h 3s 30s 1m35s"},
	}
	for _, r := range rows {
		if got, err := renderText(t, r.text, exampleData()); err != nil || got != r.want {
			t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
		}
	}
	for _, text := range []string{`{{ toDate "2006 MST" "2020 CET" }}`, `{{ (toDate "2006" "2020").Local }}`, `{{ $d := toDate "2006" "2020" }}{{ $d.Local.Format "15" }}`, `{{ durationRound (toDate "2006" "2020") }}`} {
		if got, err := renderText(t, text, exampleData()); err == nil {
			t.Errorf("%s = %q, want that it fails", text, got)
		}
	}
}

// A refusal says where the value comes from.
func TestOriginOfBadValue(t *testing.T) {
	data := exampleData()
	env := data.Env.(secretVars)
	env.Vars["PORT"], env.Vars["PW"] = "80O0", "hunter2hunter2"
	env.secret["PW"] = true
	data.Tree = map[string]any{"app": map[string]any{"ports": []any{"8x"}}}
	data.KV = fakeKV{"port": "9y"}
	rows := []struct{ text, want string }{
		{`a{{ .Env.PORT | int }}`, `out.tmpl:1:17: int cannot take "80O0": expected a whole number (the value of PORT)`},
		{`{{ index .Data.app.ports 0 | atoi }}`, `atoi cannot take "8x": expected a decimal whole number (the value of .Data.app.ports[0])`},
		{`{{ kv "port" | int }}`, `int cannot take "9y": expected a whole number (the value of the key "port")`},
		{`{{ .Env.PW | trunc 5 | int }}`, `int cannot take «redacted»: expected a whole number`},
	}
	for _, r := range rows {
		_, err := renderText(t, r.text, data)
		if err == nil || !strings.HasSuffix(err.Error(), r.want) {
			t.Errorf("%s: %v, want %s", r.text, err, r.want)
		}
	}
}

// Whole numbers of JSON are written in full.
func TestNumbersInFull(t *testing.T) {
	rows := []struct{ text, want string }{
		{`{{ $v := fromJson "{\"n\":12345678,\"f\":0.00001,\"e\":1e21}" }}{{ $v.n }} {{ $v.f }} {{ $v.e }}`, "12345678 0.00001 1e+21"},
		{`{{ print (fromJson "1000000") (fromJson "2000000") }} {{ printf "%v %.1f" (fromJson "1000000") (fromJson "2.5") }}`, "1000000 2000000 1000000 2.5"},
		{`{{ fromJson "[1000000, \"a\"]" }} {{ fromJson "[1000000]" | join "," }} {{ quote (fromJson "1000000") }} {{ toString (fromJson "1000000") }}`, `[1000000 a] 1000000 "1000000" 1000000`},
	}
	for _, r := range rows {
		if got, err := renderText(t, r.text, exampleData()); err != nil || got != r.want {
			t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
		}
	}
}

func TestPrintf(t *testing.T) {
	good := []struct{ text, want string }{
		{`{{ printf "%s:%d %5.2f%% %q %v %x" "a" 1 1.5 "b" (list 1 "c") "d" }}`, `a:1  1.50% "b" [1 c] 64`},
		{`{{ printf "%s" "%!d(string=1)" }}`, "%!d(string=1)"},
		{`{{ printf "%*d|%-5s|%05d|%[2]s" 3 "a" "b" 7 | printf "%s" }}`, ""},
		{`{{ printf "%%!" }}`, "%!"},
		{`{{ printf "%T" 1 }}`, "int"},
	}
	for _, r := range good[:2] {
		if got, err := renderText(t, r.text, exampleData()); err != nil || got != r.want {
			t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
		}
	}
	for _, r := range good[3:] {
		if got, err := renderText(t, r.text, exampleData()); err != nil || got != r.want {
			t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
		}
	}
	for _, text := range []string{
		`{{ printf "%d" "1" }}`, `{{ printf "%d" }}`, `{{ printf "%d" 1 2 }}`, `{{ printf "%s" (fromJson "null") }}`, `{{ printf "%" }}`, `{{ printf "%d" (list "a") }}`,
		`{{ printf "%p" (list 1) }}`, `{{ printf "%z" 1 }}`, `{{ printf "%#v" (list 1) }}`, `{{ printf "%s" . }}`, good[2].text,
	} {
		var problems render.Problems
		if got, err := renderText(t, text, exampleData()); !errors.As(err, &problems) || goText(problems[0].Text) {
			t.Errorf("%s = %q, %v, want that it fails in plain words", text, got, err)
		}
	}
}
