//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/supervisor/serve/xmlrpc"
	wire "slipway/supervise/control"
	"slipway/supervise/control/client"
)

// woken has the HTTP front started, and returns its process.
func woken(address string) (int, error) {
	resp, err := browser.Get("http://" + address + "/ok.html")
	if err != nil {
		return 0, notTried(err)
	}
	resp.Body.Close()
	pid, err := processOf("serve")
	if err != nil {
		return 0, notTried(err)
	}
	return strconv.Atoi(pid)
}

// memory looks for a word in the memory of the HTTP front.
func memory(args []string) error {
	pid, err := woken(args[0])
	if err != nil {
		return err
	}
	dir := "/proc/" + strconv.Itoa(pid)
	maps, err := os.ReadFile(dir + "/maps")
	if err != nil {
		return err
	}
	mem, err := os.Open(dir + "/mem")
	if err != nil {
		return err
	}
	defer mem.Close()
	for line := range strings.Lines(string(maps)) {
		span, _, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(span, "-")
		begin, err1 := strconv.ParseInt(from, 16, 64)
		end, err2 := strconv.ParseInt(to, 16, 64)
		if err1 != nil || err2 != nil || end-begin > 64<<20 {
			continue
		}
		p := make([]byte, end-begin)
		n, _ := mem.ReadAt(p, begin) // some cannot be read
		if bytes.Contains(p[:n], []byte(args[1])) {
			return nil
		}
	}
	return errors.New("the word is not there")
}

// takeover takes the connection of the HTTP front to the supervisor, and asks for the boot
// snapshot over it; a stop of web would do as well.
func takeover(args []string) error {
	pid, err := woken(args[0])
	if err != nil {
		return err
	}
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	fd, err := unix.PidfdGetfd(pidfd, 3, 0)
	if err != nil {
		return err
	}
	c, err := client.FromFile(os.NewFile(uintptr(fd), "control"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err = c.Call(ctx, wire.OpBoot)
	return err
}

// freeze stops the HTTP front for good. It has what it wants if HTTP is not back after a
// minute. Root may always do that; what counts is that it is mended.
func freeze(args []string) error {
	pid, err := woken(args[0])
	if err != nil {
		return err
	}
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		return err
	}
	quick := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	began := time.Now()
	for time.Since(began) < time.Minute {
		resp, err := quick.Post("http://"+args[0]+"/RPC2", "text/xml", bytes.NewReader(xmlrpc.Call("supervisor.getState")))
		if err == nil {
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			return fmt.Errorf("HTTP is back after %v: %d bytes", time.Since(began).Round(time.Second), len(text))
		}
	}
	return nil
}
