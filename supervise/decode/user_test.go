package decode

import (
	"reflect"
	"strings"
	"testing"

	"slipway/supervise/config"
	"slipway/supervise/system"
)

// A number needs no account in a container. Supervisor refuses one that no account has.
func TestNumericUser(t *testing.T) {
	accounts := func(in *Input) {
		in.System.UserByName = func(name string) (system.Account, bool) {
			return system.Account{Name: "www", UID: 33, GID: 33, Home: "/var/www"}, name == "www"
		}
		in.System.UserByID = func(uid int) (system.Account, bool) {
			return system.Account{Name: "www", UID: 33, GID: 33, Home: "/var/www"}, uid == 33
		}
		in.System.GroupByName = func(name string) (int, bool) { return 50, name == "staff" }
		in.System.MemberOf = func(string) []int { return []int{4} }
	}
	none := func(*Input) {}
	for _, tt := range []struct {
		name, user string
		machine    func(*Input)
		want       *config.User // nil: refused
		note       string
	}{
		{"number, no account files", "1234", none, &config.User{Name: "1234", Given: "1234", Home: "/", UID: 1234, GID: 1234, Groups: []int{1234}}, "no account has the number 1234"},
		{"number and group", "1234:0", none, &config.User{Name: "1234", Given: "1234:0", Home: "/", UID: 1234, GID: 0, Groups: []int{0}}, ""},
		{"root", "0:0", none, &config.User{Name: "0", Given: "0:0", Home: "/", Groups: []int{0}}, ""},
		{"number of an account", "33", accounts, &config.User{Name: "www", Given: "33", Home: "/var/www", UID: 33, GID: 33, Groups: []int{33, 4}}, ""},
		{"name and group", "www:staff", accounts, &config.User{Name: "www", Given: "www:staff", Home: "/var/www", UID: 33, GID: 50, Groups: []int{50}}, ""},
		{"unknown name", "nobody", none, nil, ""},
		{"unknown group", "33:nobody", accounts, nil, ""},
		{"negative", "-1", none, nil, ""},
		{"too large", "4294967295", none, nil, ""},
		{"empty group", "33:", accounts, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode("[supervisord]\n[program:x]\ncommand=a\nuser="+tt.user+"\n", func(in *Input) { tt.machine(in); in.AsSupervisord = false })
			if tt.want == nil {
				if err == nil {
					t.Fatalf("user=%s is accepted as %+v", tt.user, cfg.Groups[0].Processes[0].User)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Groups[0].Processes[0].User; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("user=%s is %+v, want %+v", tt.user, got, tt.want)
			}
			notes := ""
			for _, n := range cfg.Notes {
				notes += n.Text
			}
			if !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
			_, err = decode("[supervisord]\n[program:x]\ncommand=a\nuser="+tt.user+"\n", func(in *Input) { tt.machine(in); in.AsSupervisord = true })
			if original := tt.name == "number of an account"; (err == nil) != original {
				t.Errorf("as supervisord user=%s: %v", tt.user, err)
			}
		})
	}
}

// The owner of a socket may be numbers, too.
func TestNumericOwner(t *testing.T) {
	for _, tt := range []struct {
		owner         string
		asSupervisord bool
		ok            bool
	}{
		{"1234:5678", false, true}, {"1234", false, true}, {"1234:5678", true, false}, {"x:1", false, false}, {"1:x", false, false}, {"-1", false, false},
	} {
		cfg, err := decode("[supervisord]\n[unix_http_server]\nfile=/s\nchown="+tt.owner+"\n", func(in *Input) { in.AsSupervisord = tt.asSupervisord })
		if (err == nil) != tt.ok {
			t.Errorf("chown=%s, as supervisord %v: %v", tt.owner, tt.asSupervisord, err)
		}
		if err == nil && cfg.Servers[0].ChownUID != 1234 {
			t.Errorf("chown=%s is user %d", tt.owner, cfg.Servers[0].ChownUID)
		}
	}
}

// A group that is given is taken even by the user that the supervisor is.
func TestUserDiffers(t *testing.T) {
	for _, tt := range []struct {
		user config.User
		uid  int
		want bool
	}{
		{config.User{UID: 5, Given: "5"}, 0, true}, {config.User{UID: 0, Given: "root"}, 0, false}, {config.User{UID: 0, Given: "0:50"}, 0, true},
		{config.User{UID: 5, Given: "5:50"}, 5, false}, {config.User{UID: 0, Given: "root"}, 5, true},
	} {
		if got := tt.user.Differs(tt.uid); got != tt.want {
			t.Errorf("%+v differs from user %d: %v", tt.user, tt.uid, got)
		}
	}
}
