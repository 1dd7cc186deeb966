package config

import (
	"slices"
	"strings"
	"testing"

	"slipway/supervise/dialect"
)

// home gives a program the variables of its user, under what environment sets.
func TestHome(t *testing.T) {
	app := &User{Name: "app", Home: "/srv/app", Shell: "/bin/bash"}
	for _, tt := range []struct {
		name string
		p    Process
		want []string
	}{
		{"without the key", Process{User: app}, []string{"HOME=/root", "LOGNAME=", "SHELL=", "USER=root"}},
		{"without user", Process{Home: true}, []string{"HOME=/root", "LOGNAME=", "SHELL=", "USER=root"}},
		{"of its user", Process{Home: true, User: app}, []string{"HOME=/srv/app", "LOGNAME=app", "SHELL=/bin/bash", "USER=app"}},
		{"no shell in the user database", Process{Home: true, User: &User{Name: "nobody", Home: "/"}},
			[]string{"HOME=/", "LOGNAME=nobody", "SHELL=/bin/sh", "USER=nobody"}},
		{"environment wins", Process{Home: true, User: app, Environment: []dialect.Var{{Name: "HOME", Value: "/data"}}},
			[]string{"HOME=/data", "LOGNAME=app", "SHELL=/bin/bash", "USER=app"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := tt.p.Environ(Inherited{Environ: []string{"HOME=/root", "USER=root", "PATH=/bin"}})
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
