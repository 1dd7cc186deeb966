package view

import (
	"reflect"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

func TestProcess(t *testing.T) {
	p := config.Process{Name: "web_0", Group: "web", Program: "web"}
	m := machine.Proc{State: machine.Running, PID: 7, Gen: 3, Started: time.Unix(100, 5)}
	want := control.ProcessInfo{
		Name: "web_0", Group: "web", Program: "web", Kind: "eventlistener", State: control.Running,
		PID: 7, Generation: 3, Start: 100, Now: 160,
	}
	if got := Process(config.KindListener, &p, &m, time.Unix(160, 0)); got != want {
		t.Errorf("Process = %+v, want %+v", got, want)
	}
	m.Remains = true // its main process is gone: the number is another's soon
	if got := Process(config.KindListener, &p, &m, time.Unix(160, 0)); got.PID != 0 {
		t.Errorf("pid of what remains = %d, want 0", got.PID)
	}
}

// The words are those of Supervisor's getAllConfigInfo.
func TestConfig(t *testing.T) {
	rows := []struct {
		name      string
		p         config.Process
		auto      string
		out, err  string
		uid       int64
		directory string
	}{
		{"nothing is set", config.Process{}, "", "none", "none", -1, "none"},
		{"automatic logs that were made", logging(config.AutoLog), "/tmp/x.log", "/tmp/x.log", "/tmp/x.log", -1, "none"},
		{"automatic logs that were not", logging(config.AutoLog), "", "auto", "auto", -1, "none"},
		{"a file", logging("/var/log/x"), "", "/var/log/x", "/var/log/x", -1, "none"},
		{"errors go to the output", redirected("/var/log/x"), "", "/var/log/x", "none", -1, "none"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := Config(&config.Group{Priority: 5}, &row.p, true, row.auto, row.auto)
			have := []any{got.Stdout.Logfile, got.Stderr.Logfile, got.UID, got.Directory, got.GroupPriority, got.InUse}
			want := []any{row.out, row.err, row.uid, row.directory, int64(5), true}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("stdout, stderr, uid, directory, priority, in use = %v, want %v", have, want)
			}
		})
	}
}

func logging(file string) config.Process {
	var p config.Process
	p.Stdout.Logfile, p.Stderr.Logfile = file, file
	return p
}

func redirected(file string) config.Process {
	p := logging(file)
	p.RedirectStderr = true
	return p
}
