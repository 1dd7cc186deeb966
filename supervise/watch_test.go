package supervise

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// fakeWatcher stands for `slipway watch`: it says over its control connection that it
// is there, and stays.
func fakeWatcher() int {
	c, err := client.FromFile(os.NewFile(boot.ControlFD, "control"))
	if err != nil {
		fmt.Println(err)
		return 70
	}
	text := "watching as " + strconv.Itoa(os.Getpid()) + "."
	if _, err := c.Call(context.Background(), control.OpLogWrite, control.String("info"), control.String(text)); err != nil {
		fmt.Println(err)
		return 70
	}
	if os.Getenv("WATCH_NOTHING") != "" {
		return 0
	}
	<-c.Done()
	return 0
}

// watcherPIDs are the watchers that have said that they are there.
func (r *running) watcherPIDs() (pids []int) {
	for line := range strings.Lines(r.text()) {
		if _, rest, ok := strings.Cut(line, "watching as "); ok {
			pid, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), "."))
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestWatcherIsStartedAgain(t *testing.T) {
	r := start(t, "watch")
	r.says("watching as ")
	first := r.watcherPIDs()[0]
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.says("the watcher has ended (terminated by SIGKILL)")
	testkit.Eventually(t, 10*time.Second, "a second watcher", func() error {
		if pids := r.watcherPIDs(); len(pids) < 2 {
			return fmt.Errorf("watchers: %v", pids)
		}
		return nil
	})
	c := r.dial()
	if list := ask(t, c, control.Success, control.OpProcessList).List(); len(list) != 1 {
		t.Errorf("%d processes in the table, want the program only", len(list))
	}
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	testkit.Eventually(t, 10*time.Second, "the watcher is gone, too", func() error {
		if err := syscall.Kill(r.watcherPIDs()[1], 0); err != syscall.ESRCH {
			return fmt.Errorf("%v", err)
		}
		return nil
	})
}

func TestWatcherWithNothingToWatchEnds(t *testing.T) {
	r := start(t, "watch", func(o *startOptions) { o.env = append(o.env, "WATCH_NOTHING=1") })
	r.says("watching as ")
	pid := r.watcherPIDs()[0]
	testkit.Eventually(t, 10*time.Second, "the watcher is reaped", func() error {
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			return fmt.Errorf("%v", err)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	if n := len(r.watcherPIDs()); n != 1 {
		t.Errorf("the watcher was started %d times, want once", n)
	}
}

func TestWatcherIsStartedOnRequest(t *testing.T) {
	r := start(t, "unwatched")
	c := r.dial()
	if pids := r.watcherPIDs(); len(pids) != 0 {
		t.Fatalf("watchers before anybody asks: %v", pids)
	}
	ask(t, c, control.Success, control.OpWatch)
	r.says("watching as ")
	ask(t, c, control.Success, control.OpWatch)
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	if n := len(r.watcherPIDs()); n != 1 {
		t.Errorf("the watcher was started %d times, want once", n)
	}
}

func TestSecretsAreWithheld(t *testing.T) {
	r := start(t, "secrets", func(o *startOptions) { o.env = append(o.env, "TOKEN=hunter2", "PASSWORD=hunter3", "PLAIN=1") })
	for _, tt := range []struct {
		name, lists, want string
	}{
		{"without the key", "all", "hunter2 hunter3 1\n"},
		{"one listed", "one", "hunter2 - 1\n"},
		{"none listed", "none", "- - 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) { r.wrote(tt.lists, tt.want) })
	}
}

func secrets(names ...string) func(*config.Process) {
	return func(p *config.Process) { p.Secrets = append([]string{}, names...) }
}

func secretScenario() *config.Config {
	show := func(name string) string {
		return `echo "${TOKEN--} ${PASSWORD--} $PLAIN" >` + filepath.Join(os.Getenv("DIR"), name) + "; exec sleep 1000"
	}
	return groups(program("all", show("all")), program("one", show("one"), secrets("TOKEN")), program("none", show("none"), secrets()))
}
