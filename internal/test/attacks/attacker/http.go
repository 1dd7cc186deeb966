//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"slipway/internal/supervisor/serve/xmlrpc"
)

var browser = http.Client{Timeout: time.Minute}

// page makes the request that a page of a stranger makes an operator's browser send: one
// that needs no question beforehand (CORS), because it is text/plain.
func page(args []string) error {
	req, err := http.NewRequest("POST", "http://"+args[0]+"/RPC2", bytes.NewReader(xmlrpc.Call("supervisor.stopProcess", "web")))
	if err != nil {
		return notTried(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	switch args[1] {
	case "origin":
		req.Header.Set("Origin", "http://evil.example")
	case "fetch":
		req.Header.Set("Sec-Fetch-Site", "cross-site")
	case "rebinding":
		req.Host = "evil.example:9001"
		req.Header.Set("Origin", "http://evil.example:9001")
	}
	return acted(browser.Do(req))
}

// acted reports nil if an answer says that the call was made.
func acted(resp *http.Response, err error) error {
	if err != nil {
		return notTried(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusOK && !bytes.Contains(text, []byte("faultCode")) {
		return nil
	}
	return fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(text))
}

// reach stops web through the TCP port of another machine.
func reach(args []string) error {
	resp, err := browser.Post("http://"+args[0]+"/RPC2", "text/xml", bytes.NewReader(xmlrpc.Call("supervisor.stopProcess", "web")))
	if err != nil {
		return err // nobody listens
	}
	return acted(resp, nil)
}

// guess tries passwords for ten seconds over 64 connections. It has what it wants with
// more than 200.
func guess(args []string) error {
	var tried atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(10 * time.Second)
	var last atomic.Pointer[error]
	for i := range 64 {
		all.Go(func() { // ends with the time, waited for below
			for n := 0; time.Now().Before(end); n++ {
				req, err := http.NewRequest("GET", "http://"+args[0]+"/", nil)
				if err != nil {
					last.Store(&err)
					return
				}
				req.SetBasicAuth("admin", "wrong-"+strconv.Itoa(i)+"-"+strconv.Itoa(n))
				resp, err := browser.Do(req)
				if err != nil {
					last.Store(&err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode == http.StatusUnauthorized { // it was looked at
					tried.Add(1)
				}
			}
		})
	}
	all.Wait()
	switch n := tried.Load(); {
	case n == 0 && last.Load() != nil:
		return notTried(*last.Load())
	case n == 0:
		return notTried(errors.New("no password was looked at"))
	case n <= 200:
		return fmt.Errorf("%d passwords in 10 s", n)
	}
	return nil
}

// swell asks in one request of some kilobytes for a log over and over. It has what it
// wants if the front has had more than 200 MiB.
func swell(args []string) error {
	var calls []any
	for range 60 {
		calls = append(calls, xmlrpc.Struct{{Name: "methodName", Value: "supervisor.readProcessStdoutLog"}, {Name: "params", Value: []any{"flood", 0, 0}}})
	}
	resp, err := browser.Post("http://"+args[0]+"/RPC2", "text/xml", bytes.NewReader(xmlrpc.Call("system.multicall", calls)))
	n := int64(0)
	if err == nil { // else it takes too long: what it costs counts
		n, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	peak, err := peakOf("serve")
	if err != nil {
		return notTried(err)
	}
	if peak > 200<<10 {
		return nil
	}
	if n < 1<<20 {
		return notTried(fmt.Errorf("an answer of %d bytes: there is no log to speak of; %v", n, err))
	}
	return fmt.Errorf("%d bytes were answered, with %d KiB of memory", n, peak)
}

// peakOf is the most memory that the slipway process of that command has had, in KiB.
func peakOf(command string) (int, error) {
	pid, err := processOf(command)
	if err != nil {
		return 0, err
	}
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			return strconv.Atoi(f[1])
		}
	}
	return 0, errors.New("no VmHWM")
}

// processOf is the process of a command of slipway itself.
func processOf(command string) (string, error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return "", err
	}
	for _, d := range dirs {
		line, err := os.ReadFile("/proc/" + d.Name() + "/cmdline")
		if err == nil && strings.HasPrefix(string(line), "slipway\x00"+command+"\x00") {
			return d.Name(), nil
		}
	}
	return "", fmt.Errorf("there is no process of slipway %s", command)
}
