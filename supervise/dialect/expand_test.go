package dialect

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

func testNames() *Names {
	return &Names{Here: "/h", Host: "n", Program: "web", Group: "g", Num: 7, Procs: 12,
		Has: HasHere | HasHost | HasProgram | HasGroup | HasNum,
		Env: map[string]string{"A": "a%(here)s", "USER_NAME": "u", "E": ""}, Own: VarSet{List: []Var{{"B", "b"}, {"A2", "x"}}}}
}

func TestExpand(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"%%", "%"},
		{"%(here)s/%(program_name)s", "/h/web"},
		{"%(process_num)02d|%(process_num)5d|%(process_num)-5d|%(process_num)+d|%(process_num) d", "07|    7|7    |+7| 7"},
		{"%(numprocs)x %(numprocs)X %(numprocs)#x %(numprocs)o %(numprocs)#o %(numprocs)#06x", "c C 0xc 14 0o14 0x000c"},
		{"%(process_num).3d %(process_num)6.3d", "007    007"},
		{"%(process_num)f %(process_num).1f %(process_num)g %(process_num)e", "7.000000 7.0 7 7.000000e+00"},
		{"%(process_num)s %(process_num)ld %(process_num)i %(process_num)u", "7 7 7 7"},
		{"%(program_name)5s|%(program_name)-5s|%(program_name).2s|%(program_name)05s", "  web|web  |we|  web"},
		{"%(program_name)r %(ENV_E)r", "'web' ''"},
		{"%(ENV_A)s", "a%(here)s"},
		{"%(ENV_B)s", "b"},
	} {
		got, err := testNames().Expand(tt.in, false)
		if err != nil || got != tt.want {
			t.Errorf("expand(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestExpandProblems(t *testing.T) {
	for _, tt := range []struct {
		in   string
		at   int
		name string // "" for a bad format
		hint string
	}{
		{"%(ENV_USER_NAM)s", 0, "ENV_USER_NAM", "did you mean %(ENV_USER_NAME)s?"},
		{"ab %(proces_num)d", 3, "proces_num", "did you mean %(process_num)s?"},
		{"%(ENV_NOTHING_LIKE_IT)s", 0, "ENV_NOTHING_LIKE_IT", "set the environment variable NOTHING_LIKE_IT, for instance by ENV NOTHING_LIKE_IT=… in the Dockerfile"},
		{"%(zzzzzz)s", 0, "zzzzzz", "known here: group_name, here, host_node_name, numprocs, process_num, program_name and ENV_x for the environment variable x"},
		{"100%", 3, "", "write %% for a percent sign"},
		{"%s", 0, "", "write %% for a percent sign"},
		{"%d", 0, "", "write %% for a percent sign"},
		{"%Y", 0, "", "write %% for a percent sign"},
		{"%(here", 0, "", "write %% for a percent sign"},
		{"%(here)d", 0, "", "write %% for a percent sign"},
		{"%(process_num)*d", 0, "", "write %% for a percent sign"},
		{"%(here)9999s", 0, "", "write %% for a percent sign"},
		{"%é", 0, "", "write %% for a percent sign"},
	} {
		n := testNames()
		_, err := n.Expand(tt.in, false)
		if err == nil || err.name != tt.name || err.at != tt.at {
			t.Errorf("expand(%q): problem %+v, want one of %q at %d", tt.in, err, tt.name, tt.at)
			continue
		}
		p := n.Problem("s", &Key{Name: "k", Value: tt.in}, err)
		if p.Hint != tt.hint {
			t.Errorf("expand(%q): hint %q, want %q", tt.in, p.Hint, tt.hint)
		}
		if strings.Contains(p.Error()+p.Hint, "ENV_A") {
			t.Errorf("expand(%q): %q lists the environment", tt.in, p.Error()+p.Hint)
		}
	}
}

func TestExpandTwice(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a%%%%b", "a%b"},
		{"a%%b", "a%b"},
		{"a%%", "a%"},
		{"%%(program_name)s", "web"},
		{"%%(nope)s", "%(nope)s"},
		{"%(ENV_A)s%%%%", "a%(here)s%"},
		{"date %%s", "date %s"},
	} {
		got, err := testNames().ExpandTwice(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("expandTwice(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestPairs(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []Var
		note string // beginning
	}{
		{"", nil, ""},
		{`A=1`, []Var{{"A", "1"}}, ""},
		{`A="1,2",B='x y'`, []Var{{"A", "1,2"}, {"B", "x y"}}, ""},
		{"A=1;B=2,\n", []Var{{"A", "1"}, {"B", "2"}}, ""},
		{`A=""`, []Var{{"A", ""}}, ""},
		{"A=x#y\n,B=2", []Var{{"A", "x"}, {"B", "2"}}, ""},
		{"A=a b", []Var{{"A", "a"}}, `"b" is taken for the separator and lost`},
		{"A=$HOME", []Var{{"A", "$"}}, `"HOME" is taken for the separator and lost`},
		{`A="'x'"`, []Var{{"A", "x"}}, "Supervisor 4.4 reads"},
		{`A="C:\dir"`, []Var{{"A", `C:\dir`}}, ""},
		{`A="a\\b"`, []Var{{"A", `a\\b`}}, "Supervisor 4.4 reads"},
		{`A="x\"y"`, []Var{{"A", `x"y`}}, ""},
		{`A='it''s'`, []Var{{"A", "its"}}, ""},
		{`A='a'"b"`, []Var{{"A", "ab"}}, ""},
		{`A=a\,b,B=1`, []Var{{"A", "a,b"}, {"B", "1"}}, ""},
		{`"A"=1`, []Var{{"A", "1"}}, ""},
		{`A=1,B=2,A=3`, []Var{{"A", "3"}, {"B", "2"}}, ""},
		{"U=http://h:80/p?a=b", []Var{{"U", "http://h:80/p"}, {"a", "b"}}, `"?" is taken`},
	} {
		got, note, err := ParsePairs(tt.in)
		if err != nil || !slices.Equal(got, tt.want) || !strings.HasPrefix(note, tt.note) || (note == "") != (tt.note == "") {
			t.Errorf("parsePairs(%q) = %v, %q, %v, want %v, %q", tt.in, got, note, err, tt.want, tt.note)
		}
	}
}

func TestPairProblems(t *testing.T) {
	for _, tt := range []struct {
		in, hint string
		at       int
	}{
		{"A=1\nB=2", `put a comma before "B", or quotes around the whole value`, 4},
		{"A=", `write an empty value as ""`, 0},
		{"A=1,B=", `write an empty value as ""`, 4},
		{`A=1,B="x`, "", 6},
		{"A", `put values with other characters than letters, digits and _/.+-(): into quotes`, 0},
	} {
		_, _, err := ParsePairs(tt.in)
		if err == nil || err.Hint != tt.hint || err.At != tt.at {
			t.Errorf("parsePairs(%q): problem %+v, want hint %q at %d", tt.in, err, tt.hint, tt.at)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
		err  error
	}{
		{"", nil, nil},
		{" a  b\tc\nd\r", []string{"a", "b", "c", "d"}, nil},
		{`a 'b c' "d e" f\ g`, []string{"a", "b c", "d e", "f g"}, nil},
		{`a"b"'c'd`, []string{"abcd"}, nil},
		{`"" ''`, []string{"", ""}, nil},
		{`"a\"b\\c\n$x"`, []string{`a"b\c\n$x`}, nil},
		{`'a\'b`, []string{`a\b`}, nil},
		{"a#b #c", []string{"a#b", "#c"}, nil},
		{"a \\\nb", []string{"a", "\nb"}, nil},
		{`a 'b`, nil, errNoClosingQuote},
		{`a "b`, nil, errNoClosingQuote},
		{`a "b\`, nil, errNoEscaped},
		{`a \`, nil, errNoEscaped},
		{"é\u00a0x", []string{"é\u00a0x"}, nil},
	} {
		got, err := SplitCommand(tt.in)
		if err != tt.err || !slices.Equal(got, tt.want) {
			t.Errorf("SplitCommand(%q) = %q, %v, want %q, %v", tt.in, got, err, tt.want, tt.err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, s := range []string{"%(here)s %%", "%(process_num)#08x", "%(process_num)-+5.3d", "%", "%(a(b)c)s", "%(here)r%(here)a", "%%%%(x)s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		defer testkit.Timed(t, len(s))()
		n := testNames()
		got, err := n.Expand(s, false)
		if err != nil {
			if err.at < 0 || err.at >= len(s) || s[err.at] != '%' {
				t.Errorf("expand(%q): problem at %d, which is no percent sign", s, err.at)
			}
			n.Problem("s", &Key{Name: "k", Value: s}, err)
			return
		}
		if !strings.Contains(s, "%") && got != s {
			t.Errorf("expand(%q) = %q, want it unchanged", s, got)
		}
		// What was inserted does not change when expanded again.
		guarded, err := n.Expand(s, true)
		if err != nil {
			t.Fatalf("expand(%q) fails only when guarded: %+v", s, err)
		}
		if !strings.Contains(s, "%%") {
			if again, err := n.Expand(guarded, false); err != nil || again != got {
				t.Errorf("expand(%q) twice = %q, %+v, want %q", s, again, err, got)
			}
		}
		_, _ = n.ExpandTwice(s)
	})
}

func FuzzEnvironment(f *testing.F) {
	for _, s := range []string{`A="1",B='2'`, "A=1\nB=2", `A="x\"y"`, "A=x#y\n", `A='a'"b"`, `\`, `A=é`, "A=1,=,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		defer testkit.Timed(t, len(s))()
		vars, _, err := ParsePairs(s)
		if err != nil {
			if err.At < 0 || err.At > len(s) {
				t.Errorf("parsePairs(%q): problem at %d", s, err.At)
			}
			return
		}
		for i, v := range vars {
			for _, w := range vars[:i] {
				if v.Name == w.Name {
					t.Errorf("parsePairs(%q) has %q twice", s, v.Name)
				}
			}
		}
		_, _ = SplitCommand(s)
	})
}
