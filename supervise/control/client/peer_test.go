package client

import (
	"os"
	"runtime"
	"testing"
)

func TestTrust(t *testing.T) {
	for _, tt := range []struct {
		own, listener, pid int
		path               string
		want               bool
	}{
		{own: 1000, listener: 1000, path: "/tmp/slipway-1000/control.sock", want: true},
		{own: 1000, listener: 0, path: "@slipway-1000-4026531836", want: true},
		{own: 1000, listener: 1001, path: "/run/slipway/control.sock"},
		{own: 1000, listener: 1001, path: "@slipway-1000-4026531836"},
		{own: 0, listener: 1000, path: "/run/slipway/control.sock", want: true},
		{own: 0, listener: 1000, path: "/tmp/slipway-0/control.sock"},
		{own: 0, listener: 1000, path: "@slipway-0-4026531836"},
		{own: 0, listener: 1000, pid: 1, path: "@slipway-1000-4026531836", want: true},
		{own: 1001, listener: 1000, pid: 1, path: "@slipway-1000-4026531836"},
	} {
		if err := trust(tt.own, Listener{PID: tt.pid, UID: tt.listener}, tt.path); (err == nil) != tt.want {
			t.Errorf("user %d, a socket of user %d at %s: %v, want trusted = %v", tt.own, tt.listener, tt.path, err, tt.want)
		}
	}
}

func TestListenerIsWhoTheKernelSays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel is asked on Linux only")
	}
	c := connect(t, nil)
	got, err := c.Listener()
	if want := (Listener{PID: os.Getpid(), UID: os.Geteuid(), GID: os.Getegid()}); err != nil || got != want {
		t.Errorf("Listener() = %+v, %v, want %+v: this process made both ends", got, err, want)
	}
}
