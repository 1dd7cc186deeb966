package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// A stop, a restart or a start that somebody asks for is answered although KILL does not end
// the process, and its state stays what it is.
func TestClientsAreToldOfWhatCannotBeKilled(t *testing.T) {
	for _, row := range []struct {
		name string
		ask  []string // methods, in this order
		then control.ProcessState
	}{
		{"stop", []string{control.OpProcessStop}, control.Stopped},
		{"restart", []string{control.OpProcessRestart}, control.Running},
		{"stop and start", []string{control.OpProcessStop, control.OpProcessStart}, control.Running},
	} {
		t.Run(row.name, func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				return x.config(0, x.playing("nfs", "on TERM deep 5m", "pause"), x.playing("keeper", "pause"))
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				for _, method := range row.ask {
					call := x.begin(method, control.String("nfs"), waiting)
					x.sleep(10*time.Second + goneWait + time.Second) // stopwaitsecs
					x.clients[0].receive(t)
					if call.answer == nil {
						t.Fatalf("%s is not answered", method)
					}
					if f := call.answer.Fault; f == nil || f.Code != control.Failed || f.Detail != "nfs: still there after KILL" {
						t.Errorf("%s is answered %+v, want that it is still there", method, f)
					}
				}
				if i := x.is("nfs", control.Stopping); i.PID == 0 || i.SpawnError != "still there after KILL" {
					t.Errorf("pid %d, %q, want the process and that it is still there", i.PID, i.SpawnError)
				}
				x.sleep(10 * time.Minute)
				if i := x.is("nfs", row.then); i.SpawnError != "" {
					t.Errorf("it is gone, and still there: %q", i.SpawnError)
				}
			})
		})
	}
}

// The answer on a group or on all names the one, and the others have stopped.
func TestStopOfAllNamesWhatCannotBeKilled(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.playing("nfs", "on TERM deep 5m", "pause"), x.playing("web", "pause"), x.playing("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		answer := x.ask(control.Success, control.OpAllStop, waiting)
		got := map[string]control.Code{}
		for _, s := range control.ReadList[control.Status](answer) {
			got[s.Name] = s.Code
			if s.Name == "nfs" && !strings.Contains(s.Description, "still there after KILL") {
				t.Errorf("nfs: %q", s.Description)
			}
		}
		if got["nfs"] != control.Failed || got["web"] != control.Success || got["keeper"] != control.Success {
			t.Errorf("codes %v, want that nfs alone has failed", got)
		}
	})
}

// Supervisor waits for its process, however long that takes.
func TestSupervisordWaitsForWhatCannotBeKilled(t *testing.T) {
	simulated(t, Daemon, func(x *simulation) *config.Config {
		return x.config(0, x.playing("nfs", "on TERM deep 5m", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		call := x.begin(control.OpProcessStop, control.String("nfs"), waiting)
		x.sleep(4 * time.Minute)
		x.clients[0].receive(t)
		if call.answer != nil {
			t.Error("answered while it is there")
		}
		x.sleep(2 * time.Minute)
		x.clients[0].receive(t)
		if call.answer == nil || call.answer.Fault != nil {
			t.Errorf("answer %+v when it is gone, want success", call.answer)
		}
	})
}

// An update does not wait for what cannot be killed: the rest of the group runs as the new
// configuration says, and the process itself is started when the old one is gone.
func TestUpdateOfAGroupWithWhatCannotBeKilled(t *testing.T) {
	version, members := "1", []string{"nfs", "web"}
	simulated(t, Run, func(x *simulation) *config.Config {
		var g config.Group
		for _, name := range members {
			on := "on TERM exit 0"
			if name == "nfs" {
				on = "on TERM deep 5m"
			}
			p := x.playing(name, on, "print 1 version "+version, "pause")
			p.Group, p.StopWait = "g", time.Second
			one := x.config(0, p).Groups[0]
			if g.Name == "" {
				g = one
				continue
			}
			g.Processes = append(g.Processes, one.Processes...)
		}
		cfg := x.config(0, x.playing("keeper", "pause"))
		cfg.Groups = append(cfg.Groups, g)
		return cfg
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		version = "2"
		x.ask(control.Success, control.OpRestart)
		x.sleep(time.Second + goneWait + 2*time.Second)
		if got := x.file("web.log"); got != "version 1\nversion 2\n" {
			t.Errorf("the other one has printed %q, want that it runs as version 2", got)
		}
		if i := x.is("g:nfs", control.Stopping); i.PID == 0 {
			t.Error("the process that cannot be killed is not shown")
		}
		if got := x.file("nfs.log"); got != "version 1\n" {
			t.Errorf("it has printed %q, want that it is not doubled", got)
		}
		x.sleep(10 * time.Minute)
		x.is("g:nfs", control.Running)
		if got := x.file("nfs.log"); got != "version 1\nversion 2\n" {
			t.Errorf("when it was gone it has printed %q, want version 2", got)
		}

		// It is no member any more.
		version, members = "3", []string{"web"}
		x.ask(control.Success, control.OpRestart)
		x.sleep(time.Second + goneWait + 2*time.Second)
		x.ask(control.BadName, control.OpProcessGet, control.String("g:nfs"))
		x.is("g:web", control.Running)
		x.says("is still there after KILL, and is no program any more")
		x.sleep(10 * time.Minute) // its end harms nobody
		x.is("g:web", control.Running)
	})
}

// An ordered stop that begins meanwhile has less patience.
func TestStopWhileSomebodyWaitsForWhatCannotBeKilled(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		nfs := x.playing("nfs", "on TERM deep 1h", "pause")
		nfs.StopWait = time.Second
		return x.config(9*time.Second, nfs, x.playing("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.begin(control.OpProcessStop, control.String("nfs"), waiting)
		x.sleep(time.Second + time.Second/2) // it was killed, and is waited for
		x.signal(syscall.SIGTERM)
		x.ends(9*time.Second+killWait+flushWait, 0)
		x.says("cannot be killed; a stop of all does not wait for it")
	})
}

// What a program has left behind may be what cannot be killed.
func TestClientsAreToldOfRemainsThatCannotBeKilled(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		web := x.playing("web", "fork (deep 5m)", "ignore TERM", "pause")
		web.StopWait = time.Second
		return x.config(0, web, x.playing("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		call := x.begin(control.OpProcessStop, control.String("web"), waiting)
		x.sleep(2*time.Second + goneWait + time.Second) // stopwaitsecs, for each of them
		x.clients[0].receive(t)
		if call.answer == nil || call.answer.Fault == nil || call.answer.Fault.Detail != "web: still there after KILL" {
			t.Errorf("answer %+v, want that it is still there", call.answer)
		}
		x.sleep(10 * time.Minute)
		x.is("web", control.Stopped)
	})
}
