//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// spy looks for a word in what a process of slipway's own holds: its environment, its arguments
// and its memory; and takes its descriptors. PATTERN is part of its arguments.
func spy(args []string) error {
	pids, err := processesWith(args[0])
	if err != nil {
		return notTried(err)
	}
	var refused error
	for _, pid := range pids {
		for _, file := range []string{"environ", "cmdline"} {
			text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/" + file)
			if bytes.Contains(text, []byte(args[1])) {
				fmt.Println("the word is in", file)
				return nil
			}
			refused = errors.Join(refused, err)
		}
		mem, err := os.Open("/proc/" + strconv.Itoa(pid) + "/mem")
		if err == nil {
			mem.Close()
			fmt.Println("its memory may be read")
			return nil
		}
		pidfd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			return notTried(err)
		}
		for fd := range 32 {
			if _, err = unix.PidfdGetfd(pidfd, fd, 0); err == nil {
				fmt.Println("its descriptor", fd, "may be taken")
				return nil
			}
		}
		refused = errors.Join(refused, err)
	}
	return fmt.Errorf("%d processes: %w", len(pids), refused)
}

// processesWith are the processes of root with a text in their arguments.
func processesWith(text string) (pids []int, err error) {
	dirs, err := os.ReadDir("/proc")
	for _, d := range dirs {
		pid, isNumber := strconv.Atoi(d.Name())
		if isNumber != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile("/proc/" + d.Name() + "/cmdline") // a holder has none
		name, _ := os.ReadFile("/proc/" + d.Name() + "/comm")
		if strings.Contains(strings.ReplaceAll(string(line), "\x00", " ")+" "+string(name), text) {
			pids = append(pids, pid)
		}
	}
	if err == nil && len(pids) == 0 {
		err = fmt.Errorf("there is no process with %s", text)
	}
	return pids, err
}

// notify says to every socket of sd_notify(3) that its program is ready, and that a process of
// ours is its main process. Whether somebody believes it, the supervisor has to say.
func notify([]string) error {
	table, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		return notTried(err)
	}
	sent := 0
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) < 8 || f[4] != "0002" { // datagrams
			continue
		}
		conn, err := net.Dial("unixgram", f[7])
		if err != nil {
			continue
		}
		if _, err = fmt.Fprintf(conn, "READY=1\nMAINPID=%d\n", os.Getppid()); err == nil {
			sent++
		}
		conn.Close()
	}
	if sent == 0 {
		return notTried(errors.New("no socket takes it"))
	}
	return fmt.Errorf("%d sockets have taken it", sent)
}

// read asks for a page without the password. It has what it wants if it gets it.
func read(args []string) error {
	resp, err := browser.Get("http://" + args[0] + args[1])
	if err != nil {
		return notTried(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return errors.New(resp.Status)
}
