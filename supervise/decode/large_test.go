package decode

import (
	"strconv"
	"strings"
	"testing"

	"slipway/supervise/dialect"
)

// large are files that grow with n, in the ways in which a file can be large.
var large = []struct {
	name string
	n    int // of the smallest that the test reads
	text func(n int) string
}{
	{"variables", 2_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\nenvironment=" + join10(n, ",", `NAME_%=v%`) + "\n"
	}},
	{"variables of all", 500, func(n int) string {
		return "[supervisord]\nenvironment=" + join10(n, ",", `NAME_%=v%`) + "\n[program:x]\ncommand=a\nenvironment=B=1\n"
	}},
	{"keys", 1_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\n" + join10(n, "", "key_%=v\n")
	}},
	{"settings of one key", 8_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\n" + join10(n, "", "priority=%\n")
	}},
	{"sections", 500, func(n int) string {
		return "[supervisord]\n" + join10(n, "", "[unknown_%]\na=b\n")
	}},
	{"lines of a value", 5_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\n" + join10(n, "", " b%\n")
	}},
	{"expansions", 2_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=" + join10(n, " ", "%(program_name)s") + "\n"
	}},
	{"programs", 250, func(n int) string {
		return "[supervisord]\n" + join10(n, "", "[program:p%]\ncommand=a\nenvironment=A=1\n")
	}},
	{"processes", 1_000, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a %(process_num)d\nprocess_name=%(process_num)d\nnumprocs=" + strconv.Itoa(n) + "\n"
	}},
	{"group", 250, func(n int) string {
		return "[supervisord]\n[group:g]\nprograms=" + join10(n, ",", "p%") + "\n" + join10(n, "", "[program:p%]\ncommand=a\n")
	}},
	{"unknown programs of a group", 100, func(n int) string {
		return "[supervisord]\n[group:g]\nprograms=" + join10(n, ",", "p%") + "\n"
	}},
	{"chain of depends_on", 250, func(n int) string {
		return "[supervisord]\n[program:p0]\ncommand=a\n" + chain(n)
	}},
	{"circle of depends_on", 250, func(n int) string {
		return "[supervisord]\n[program:p0]\ncommand=a\ndepends_on=p" + strconv.Itoa(n) + "\n" + chain(n)
	}},
	{"list of depends_on", 250, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\ndepends_on=" + join10(n, " ", "p%") + "\n" + join10(n, "", "[program:p%]\ncommand=a\n")
	}},
	{"unknown names of depends_on", 100, func(n int) string {
		return "[supervisord]\n[program:x]\ncommand=a\ndepends_on=" + join10(n, " ", "p%") + "\n"
	}},
	{"wrong values", 250, func(n int) string {
		return "[supervisord]\n" + join10(n, "", "[program:p%]\ncommand=a\npriority=x%\n")
	}},
}

// join10 writes piece n times, with the number for every %; a %( stays.
func join10(n int, sep, piece string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(piece, "%(", "\x00("), "%", strconv.Itoa(i)))
	}
	return strings.ReplaceAll(b.String(), "\x00", "%")
}

// chain gives programs of which each waits for the one before.
func chain(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		num := strconv.Itoa(i)
		b.WriteString("[program:p" + num + "]\ncommand=a\ndepends_on=p" + strconv.Itoa(i-1) + "\n")
	}
	return b.String()
}

// readLarge reads a text as PID 1 does. That it may be refused is no matter.
func readLarge(tb testing.TB, text string) {
	in := input(text)
	in.AsSupervisord = false
	doc, err := dialect.Load("f", in.Environ, in.System)
	if err != nil {
		tb.Fatal(err)
	}
	Decode(doc, in)
}

// BenchmarkDecode reads files of a size and of twice the size.
func BenchmarkDecode(b *testing.B) {
	for _, tt := range large {
		for _, n := range [...]int{4 * tt.n, 8 * tt.n} {
			text := tt.text(n)
			b.Run(tt.name+"/"+strconv.Itoa(n), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					readLarge(b, text)
				}
			})
		}
	}
}
