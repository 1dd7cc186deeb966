package decode

import (
	"fmt"
	"strings"
	"testing"

	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// BenchmarkPrograms reads 1,000 programs of a usual size.
func BenchmarkPrograms(b *testing.B) {
	var text strings.Builder
	text.WriteString("[supervisord]\nnodaemon=true\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "[program:p%d]\ncommand=/usr/bin/worker --number %d ; comment\nautostart=true\nautorestart=true\n"+
			"environment=A=\"1\",B=\"%%(ENV_HOME)s\"\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nredirect_stderr=true\nuser=root\npriority=%d\n", i, i, i)
	}
	in := input(text.String())
	in.Environ = []string{"HOME=/root"}
	root := system.Account{Name: "root", Home: "/root"}
	in.System.UserByName = func(string) (system.Account, bool) { return root, true }
	in.System.UserByID = func(int) (system.Account, bool) { return root, true }
	b.ReportAllocs()
	for b.Loop() {
		doc, err := dialect.Load("f", in.Environ, in.System)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Decode(doc, in); err != nil {
			b.Fatal(err)
		}
	}
}
