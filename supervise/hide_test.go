package supervise

import (
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// Without privileges programs could take from the supervisor the secrets that they are not to
// get: it closes itself as soon as one of them does not get all.
func TestHiddenWhereSecretsAreWithheld(t *testing.T) {
	only := func(names ...string) func(*config.Process) {
		return func(p *config.Process) { p.Secrets = names }
	}
	for _, row := range []struct {
		name          string
		uid           int
		first, second []string // secrets of the program, at the start and after a reload; nil: all
		want, after   bool
	}{
		{"all secrets", 1000, nil, nil, false, false},
		{"all are listed", 1000, []string{"PW"}, nil, false, false},
		{"one is withheld", 1000, []string{}, nil, true, true},
		{"one is withheld later", 1000, nil, []string{}, false, true},
		{"as root", 0, []string{}, []string{}, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			secrets := row.first
			simulatedWith(t, Run, func(x *simulation) {
				x.s.maker.UID, x.s.maker.Secrets = row.uid, []string{"PW"}
			}, func(x *simulation) *config.Config {
				return x.config(0, x.plays("web", "pause", only(secrets...), func(p *config.Process) {
					if secrets == nil {
						p.Secrets = nil
					}
				}))
			}, func(x *simulation) {
				if got := x.m.Hidden(); got != row.want {
					t.Errorf("hidden: %v, want %v", got, row.want)
				}
				secrets = row.second
				x.ask(control.Success, control.OpRestart)
				if got := x.m.Hidden(); got != row.after {
					t.Errorf("after the reload hidden: %v, want %v", got, row.after)
				}
				want := 0
				if row.after {
					want = 1
				}
				if got := x.count("programs cannot look into this process, nor use /proc/1/fd/1, because web does not get all secrets"); got != want {
					t.Errorf("that is said %d times, want %d", got, want)
				}
			})
		})
	}
}
