package meaning_test

import (
	"fmt"
	"math/rand"
	"regexp"
	"strings"
	"testing"
)

// What random files are made of: the pieces that parsers disagree on.
var (
	iniPieces = []string{"[", "]", "=", ":", ";", "#", " ", "\n", "\n", "\n ", "\t", "a", "command", "b", "[program:y]", "\n[program:y]\n", "command=z\n",
		"\r\n", "\r", "é", "\u00a0", "\x1c", "[supervisord]", "numprocs=1", " ;", " #", "%(here)s", "\\", "'"}
	formatPieces = []string{"%(process_num)", "%(program_name)", "%(here)", "%(numprocs)", "%", "%%", "d", "s", "x", "X", "o", "r", "c", "e", "g", "#", "0", "-",
		"+", " ", "5", ".", "3", "i", "l", "(", ")", "f"}
	commandPieces = []string{"a", " ", "'", "\"", "\\", "\n ", "b", "é", "%%", "$", "  "}
	// Without backslashes and adjacent quotes, which 4.4 reads and 4.2 does not.
	pairPieces = []string{"A", "B", "=", "=", ",", ",", "x", "\n ", "#", ";", "$", "/", "%%", "1", ".", "A=1", ",B=2", "C=\"a b\",", "D='c,d',"}
)

// bare is a conversion without a name, which inserts the environment in the
// original and is refused here.
var bare = regexp.MustCompile(`%[-+ #0-9.l]*[sra]`)

// TestRandomDifferential reads random files with the original and with ours.
// The seed is fixed: what fails, fails again.
func TestRandomDifferential(t *testing.T) {
	r := rand.New(rand.NewSource(20260101))
	pick := func(pieces []string, most int) string {
		var b strings.Builder
		for range 1 + r.Intn(most) {
			b.WriteString(pieces[r.Intn(len(pieces))])
		}
		return b.String()
	}
	var list []scenario
	for i := range 400 {
		conf := ""
		switch i % 4 {
		case 0:
			conf = head("environment=" + pick(pairPieces, 8) + "\n")
		case 1:
			conf = "[supervisord]\n[program:x]\ncommand=" + pick(formatPieces, 8) + "\n"
		case 2:
			conf = "[supervisord]\n[program:x]\ncommand=q\n" + pick(iniPieces, 14)
		case 3:
			conf = "[supervisord]\n[program:x]\ncommand=" + pick(commandPieces, 10)
		}
		if !bare.MatchString(conf) {
			list = append(list, scenario{name: fmt.Sprintf("%d %q", i, conf), conf: conf})
		}
	}
	compareWithOriginal(t, list)
}
