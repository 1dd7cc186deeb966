package ported

import (
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

// filter is a program that replaces variables in its standard input.
type filter struct {
	t       testing.TB
	command func(r request) *exec.Cmd
}

func (f filter) render(r request) answer {
	cmd := f.command(r)
	for name, value := range r.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Text: string(out)}
}

// references are texts of envsubst: forms, near misses, and what is template here.
func references(g *rand.Rand, parts ...string) string {
	var out strings.Builder
	for range 1 + g.IntN(8) {
		out.WriteString(parts[g.IntN(len(parts))])
	}
	return out.String()
}

// nginxs is envsubst as nginx's image calls it.
func nginxs(r request) *exec.Cmd {
	cmd := exec.Command("envsubst", "${"+strings.Join(slices.Sorted(maps.Keys(r.Env)), "} ${")+"}")
	cmd.Stdin = strings.NewReader(r.Template)
	return cmd
}

// TestLikeEnvsubst compares with gettext's envsubst, called as nginx's image calls it: for
// the variables that are defined.
func TestLikeEnvsubst(t *testing.T) {
	testkit.Need(t, "envsubst")
	by := filter{t, nginxs}
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 3))}
	var count figures
	for range testkit.Repeat(t, 1000) {
		r := request{Env: g.values(variables), Template: references(g.Rand,
			"$A", "${A}", "$B", "${B}x", "$C.", "${D_E}", "$D_EX", "$http_host", "${x}", "$", "$$A", "${", "${A", "$1", "${ A}", "$(A)", "{{ .x }}", "{{", "}}", "\n", " é ", "a", `\$A`, "'$A'", "${A}${B}", "$A$B", "{$A}",
		)}
		for name, value := range r.Env {
			r.Env[name] = value[:min(len(value), 100_000)]
		}
		names := slices.Sorted(maps.Keys(r.Env))
		if len(names) == 0 {
			names = []string{"NONE"}
		}
		compare(t, by, porting.Envsubst, r, porting.Options{Variables: names}, &count)
	}
	t.Log(count)
}

// TestLikeShell compares the forms of ${NAME:-word} with a here document of the shell.
func TestLikeShell(t *testing.T) {
	testkit.Need(t, "sh")
	by := filter{t, func(r request) *exec.Cmd {
		return exec.Command("sh", "-c", "cat <<END_OF_THE_TEXT\n"+r.Template+"\nEND_OF_THE_TEXT\n")
	}}
	g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 4))}
	var count figures
	for range testkit.Repeat(t, 300) {
		r := request{Env: g.values(variables), Template: references(g.Rand,
			"${A:-d}", "${A-d}", "${B:-a b}", "${C:+alt}", "${C+alt}", "${D_E:?no}", "${D_E:-}", "${A:-x}", "${A:+}", " ", "\n", "{{ .x }}", "é", "${C:-http://h:80/p?q=1}", "${B-#;}", "a",
		)}
		for name, value := range r.Env {
			r.Env[name] = value[:min(len(value), 100_000)]
		}
		r.Template = strings.TrimRight(r.Template, "\n") + "."
		by := by.render(r)
		by.Text = strings.TrimSuffix(by.Text, "\n")
		compare(t, fixed(by), porting.Envsubst, r, porting.Options{Shell: true, Variables: []string{"*"}}, &count)
	}
	t.Log(count)
}

// fixed is a tool that has answered.
type fixed answer

func (f fixed) render(request) answer { return answer(f) }
