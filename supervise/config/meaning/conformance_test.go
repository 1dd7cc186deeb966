package meaning_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/supervise/config/meaning"
	"slipway/supervise/decode"
	"slipway/supervise/system"
)

// conformanceDir finds the conformance files, or skips. The folder is not part
// of the repository: SLIPWAY_CONFORMANCE names it, or it lies beside it.
func conformanceDir(t *testing.T) string {
	dir := os.Getenv("SLIPWAY_CONFORMANCE")
	if dir == "" {
		dir = "../../../../shared/conformance/supervisor"
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("SLIPWAY_REQUIRE") == "all" {
			t.Fatalf("conformance files are required: %v", err)
		}
		t.Skip("conformance files are not there; set SLIPWAY_CONFORMANCE to their folder")
	}
	return dir
}

// TestConformance reads real files and compares their meaning with the one that
// the original Supervisor gave them.
func TestConformance(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(conformanceDir(t), "*.conf"))
	good := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".conf")
		ok := true
		for env := range 3 {
			ok = t.Run(fmt.Sprintf("%s/env%d", name, env), func(t *testing.T) {
				conform(t, file, fmt.Sprintf("%s.env%d.json", strings.TrimSuffix(file, ".conf"), env))
			}) && ok
		}
		if ok {
			good++
		}
	}
	fmt.Printf("conformance: %d of %d\n", good, len(files))
	if len(files) == 0 {
		t.Error("no conformance files")
	}
}

func conform(t *testing.T, file, answer string) {
	text := read(t, file)
	var want map[string]any
	if err := json.Unmarshal(read(t, answer), &want); err != nil {
		t.Fatal(err)
	}
	fragment := want["as_include"]
	assumed := want["assumed"]
	delete(want, "as_include")
	delete(want, "assumed")
	environ := environment(want)
	delete(want, "env")

	all := strings.HasSuffix(answer, "env2.json")
	sys := newMachine(map[string][]byte{"/up/conf/supervisord.conf": text}, assumed, all)
	compare(t, "alone", meaning.Of("supervisord.conf", sys.input(environ)), want)
	if fragment != nil {
		want := fragment.(map[string]any)
		sys := newMachine(map[string][]byte{
			"/up/conf/supervisord.conf":     []byte("[supervisord]\nnodaemon=true\n\n[include]\nfiles = conf.d/*.conf\n"),
			"/up/conf/conf.d/fragment.conf": text,
		}, want["assumed"], all)
		delete(want, "assumed")
		compare(t, "included", meaning.Of("supervisord.conf", sys.input(environ)), want)
	}
}

func read(t *testing.T, file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func environment(answer map[string]any) (environ []string) {
	for k, v := range answer["env"].(map[string]any) {
		environ = append(environ, k+"="+v.(string))
	}
	slices.Sort(environ)
	return environ
}

// compare compares all but the wording of errors.
func compare(t *testing.T, form string, got meaning.Object, want map[string]any) {
	t.Helper()
	text, err := meaning.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer("/up/conf/", "{here}/", "/up/conf", "{here}", "/up/", "{here}/../").Replace(string(text)))
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	message := plain["error"]
	dropMessages(plain)
	dropMessages(want)
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("%s: meaning differs (-want +got):\n%s\nmessage: %v", form, cmp.Diff(want, plain), message)
	}
}

func dropMessages(o map[string]any) {
	delete(o, "error")
	if ctl, ok := o["supervisorctl"].(map[string]any); ok {
		delete(ctl, "error")
	}
}

// machine is the surroundings that the conformance files were read in.
type machine struct {
	files   map[string][]byte
	dirs    map[string]bool
	plugins map[string]bool
	users   map[string]system.Account
	groups  map[string]int
	all     bool // whatever is asked for exists
}

func newMachine(files map[string][]byte, assumed any, all bool) *machine {
	m := &machine{files: files, dirs: map[string]bool{}, plugins: map[string]bool{}, users: map[string]system.Account{}, groups: map[string]int{}, all: all}
	for _, d := range strings.Fields(staticDirs) {
		m.dirs[d] = true
	}
	for entry := range strings.SplitSeq(staticUsers, ",") {
		var a system.Account
		fmt.Sscan(entry, &a.Name, &a.UID, &a.GID)
		a.Home = "/"
		m.users[a.Name] = a
	}
	for entry := range strings.SplitSeq(staticGroups, ",") {
		var name string
		var gid int
		fmt.Sscan(entry, &name, &gid)
		m.groups[name] = gid
	}
	o, ok := assumed.(map[string]any)
	if !ok {
		return m
	}
	for _, p := range o["plugins"].([]any) {
		m.plugins[p.(string)] = true
	}
	for name, id := range o["users"].(map[string]any) {
		m.users[name] = system.Account{Name: name, UID: int(id.(float64)), GID: int(id.(float64)), Home: "/"}
	}
	for name, id := range o["groups"].(map[string]any) {
		m.groups[name] = int(id.(float64))
	}
	return m
}

func (m *machine) input(environ []string) decode.Input {
	abs := func(name string) string {
		if !path.IsAbs(name) {
			name = "/up/conf/" + name
		}
		return path.Clean(name)
	}
	return decode.Input{
		Environ: environ,
		Plugins: func(spec string) bool { return decode.OriginalPlugin(spec) || m.plugins[spec] },
		System: system.System{
			ReadFile: func(name string) ([]byte, error) {
				if text, ok := m.files[abs(name)]; ok {
					return text, nil
				}
				return nil, os.ErrNotExist
			},
			ReadDir: func(name string) (names []string) {
				for f := range m.files {
					if path.Dir(f) == abs(name) {
						names = append(names, path.Base(f))
					}
				}
				return names
			},
			Exists:   func(name string) bool { return m.files[abs(name)] != nil },
			IsDir:    func(name string) bool { return m.all || m.dirs[abs(name)] },
			Getwd:    func() string { return "/up/conf" },
			Hostname: func() string { return "host" },
			TempDir:  func() string { return "/tmp" },
			Getuid:   func() int { return 0 },
			UserByName: func(name string) (system.Account, bool) {
				a, ok := m.users[name]
				return a, ok || m.all
			},
			UserByID: func(uid int) (system.Account, bool) {
				for _, a := range m.users {
					if a.UID == uid {
						return a, true
					}
				}
				return system.Account{}, m.all
			},
			GroupByName: func(name string) (int, bool) { gid, ok := m.groups[name]; return gid, ok || m.all },
			GroupByID: func(gid int) bool {
				for _, g := range m.groups {
					if g == gid {
						return true
					}
				}
				return m.all
			},
		},
	}
}

const staticUsers = "root 0 0,daemon 1 1,bin 2 2,sys 3 3,sync 4 65534,games 5 60,man 6 12,lp 7 7,mail 8 8,news 9 9,uucp 10 10," +
	"proxy 13 13,www-data 33 33,backup 34 34,list 38 38,irc 39 39,_apt 42 65534,nobody 65534 65534"

const staticGroups = "root 0,daemon 1,bin 2,sys 3,adm 4,tty 5,disk 6,lp 7,mail 8,news 9,uucp 10,man 12,proxy 13,kmem 15,dialout 20,fax 21," +
	"voice 22,cdrom 24,floppy 25,tape 26,sudo 27,audio 29,dip 30,www-data 33,backup 34,operator 37,list 38,irc 39,src 40,shadow 42," +
	"utmp 43,video 44,sasl 45,plugdev 46,staff 50,games 60,users 100,nogroup 65534"

const staticDirs = "/up/conf / /bin /boot /dev /dev/fd /dev/shm /etc /etc/supervisor /etc/supervisor/conf.d /home /lib /media /mnt /opt /proc " +
	"/proc/1 /proc/1/fd /proc/self /proc/self/fd /root /run /run/lock /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin " +
	"/usr/local/etc /usr/local/lib /usr/local/sbin /usr/local/share /usr/sbin /usr/share /var /var/backups /var/cache /var/lib /var/local " +
	"/var/lock /var/log /var/log/supervisor /var/mail /var/opt /var/run /var/spool /var/tmp"
