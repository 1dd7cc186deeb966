package control

import (
	"reflect"
	"strings"
	"testing"
)

// answers is one of every type of answer.
func answers() []Answer {
	return []Answer{
		&ProcessInfo{}, &ConfigInfo{}, &ConfigOutput{}, &Status{}, &LogInfo{}, &RereadResult{},
		&SupervisorState{}, &SupervisorInfo{}, &ServerInfo{}, &Event{},
	}
}

// The names and their order are the wire format: older clients read it.
func TestWireFormat(t *testing.T) {
	want := map[string]string{
		"ProcessInfo": "name string, group string, state int, pid int, start int, stop int, now int, exitstatus int, spawnerr string, " +
			"stdout_logfile string, stderr_logfile string, generation int, restarts int, signal int, health string, ready boolean, " +
			"waiting string, lost_log int, kind string, program string, vain string, last_status int, cause string, why string, core boolean, paused boolean, " +
			"level string, level_reason string, found_by string, task string, next_run int, rolling int, demand string, ran int, terminal string",
		"ConfigInfo": "name string, group string, autostart boolean, autorestart string, command string, directory string, exitcodes array, " +
			"group_prio int, inuse boolean, killasgroup boolean, process_prio int, redirect_stderr boolean, serverurl string, startretries int, " +
			"startsecs int, stopsignal int, stopwaitsecs int, uid int, stdout struct, stderr struct",
		"ConfigOutput":    "logfile string, maxbytes int, backups int, capture_maxbytes int, events_enabled boolean, syslog boolean",
		"Status":          "name string, group string, status int, description string",
		"LogInfo":         "path string, regular boolean, size int, inode int",
		"RereadResult":    "added array, changed array, removed array",
		"SupervisorState": "code int, name string",
		"SupervisorInfo":  "pid int, identifier string, version string, mode string, start int, logfile string, config_file string",
		"ServerInfo":      "section string, unix boolean, address string, username string, password string, no_rpc boolean, hosts array",
		"Event":           "serial int, when int, name string, payload string",
	}
	for _, a := range answers() {
		name := reflect.TypeOf(a).Elem().Name()
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Encode(a).Fields() {
				got = append(got, f.Name+" "+f.Value.Kind().String())
			}
			if text := strings.Join(got, ", "); text != want[name] {
				t.Errorf("fields on the wire are %s, want %s", text, want[name])
			}
		})
	}
}

// A field that Members forgets would not travel.
func TestMembersAreTheFields(t *testing.T) {
	for _, a := range answers() {
		v := reflect.ValueOf(a).Elem()
		t.Run(v.Type().Name(), func(t *testing.T) {
			listed := map[any]bool{}
			for _, m := range a.Members() {
				if m.Kind() == KindNil || listed[m.At] {
					t.Errorf("%s is of a type that does not travel, or there twice", m.Name)
				}
				listed[m.At] = true
			}
			for i := range v.NumField() {
				if !listed[v.Field(i).Addr().Interface()] {
					t.Errorf("Members does not list %s", v.Type().Field(i).Name)
				}
			}
		})
	}
}

func TestReadOfNothingIsZero(t *testing.T) {
	for _, a := range answers() {
		v := reflect.ValueOf(a).Elem()
		for i := range v.NumField() { // what is not sent does not keep what was there
			if f := v.Field(i); f.Kind() == reflect.String {
				f.SetString("before")
			}
		}
		Decode(Struct(), a)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() != reflect.Slice && f.Kind() != reflect.Struct && !f.IsZero() {
				t.Errorf("%s.%s = %v, want zero", v.Type().Name(), v.Type().Field(i).Name, f)
			}
		}
	}
}
