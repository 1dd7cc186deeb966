package inherit

import (
	"slices"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// home gives a program the variables of its user, under what environment sets.
func TestHome(t *testing.T) {
	app := &config.User{Name: "app", Home: "/srv/app", Shell: "/bin/bash"}
	for _, tt := range []struct {
		name string
		p    config.Process
		want []string
	}{
		{"without the key", config.Process{User: app}, []string{"HOME=/root", "LOGNAME=", "SHELL=", "USER=root"}},
		{"without user", config.Process{Home: true}, []string{"HOME=/root", "LOGNAME=", "SHELL=", "USER=root"}},
		{"of its user", config.Process{Home: true, User: app}, []string{"HOME=/srv/app", "LOGNAME=app", "SHELL=/bin/bash", "USER=app"}},
		{"no shell in the user database", config.Process{Home: true, User: &config.User{Name: "nobody", Home: "/"}},
			[]string{"HOME=/", "LOGNAME=nobody", "SHELL=/bin/sh", "USER=nobody"}},
		{"environment wins", config.Process{Home: true, User: app, Environment: []dialect.Var{{Name: "HOME", Value: "/data"}}},
			[]string{"HOME=/data", "LOGNAME=app", "SHELL=/bin/bash", "USER=app"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := Environ(&tt.p, From{Environ: []string{"HOME=/root", "USER=root", "PATH=/bin"}})
			var got []string
			for _, name := range []string{"HOME", "LOGNAME", "SHELL", "USER"} {
				value := ""
				for _, v := range env {
					if text, ok := strings.CutPrefix(v, name+"="); ok {
						value += text // a name that stands twice shows
					}
				}
				got = append(got, name+"="+value)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("environment %q, want %q", got, tt.want)
			}
		})
	}
}

// What passes of the container's environment is what is asked for; what the program's own
// section sets passes always.
func TestPassEnvironment(t *testing.T) {
	own := []dialect.Var{{Name: "APP_MODE", Value: "own"}, {Name: "SET", Value: "1"}}
	for _, tt := range []struct {
		name        string
		pass, unset []string
		want        string
	}{
		{"all", nil, nil, "APP_KEY APP_MODE LANG PATH SET"},
		{"by name", []string{"PATH"}, nil, "APP_MODE PATH SET"},
		{"by pattern", []string{"APP_*", "NOT_*"}, nil, "APP_KEY APP_MODE SET"},
		{"everything", []string{"*"}, nil, "APP_KEY APP_MODE LANG PATH SET"},
		{"nothing", []string{}, nil, "APP_MODE SET"},
		{"unset by name", nil, []string{"LANG", "SET"}, "APP_KEY APP_MODE PATH SET"},
		{"unset by pattern", nil, []string{"APP_*"}, "APP_MODE LANG PATH SET"},
		{"passed and unset", []string{"APP_*", "PATH"}, []string{"APP_K*"}, "APP_MODE PATH SET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := config.Process{Name: "p", Group: "p", Environment: own, PassEnvironment: tt.pass, UnsetEnvironment: tt.unset}
			var got []string
			for _, v := range Environ(&p, From{Environ: []string{"PATH=/bin", "APP_KEY=k", "APP_MODE=theirs", "LANG=C"}}) {
				if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "SUPERVISOR_") {
					got = append(got, name)
				}
				if v == "APP_MODE=theirs" {
					t.Error("the container's value wins over the program's")
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("it gets %q, want %q", text, tt.want)
			}
		})
	}
}
