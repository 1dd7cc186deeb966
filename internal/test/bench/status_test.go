package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStatus: what supervisorctl's status asks, getAllProcessInfo of 100
// programs over the unix socket, on one connection and a warm server.
func BenchmarkStatus(b *testing.B) {
	const programs, calls = 100, 50
	probe := probe(b)
	subjects := present(b, slipway, supervisord)
	t := newTable(fmt.Sprintf("status of %d programs by XML-RPC", programs), "ms", bound{"supervisord", 1})
	for b.Loop() {
		inTurn(subjects, func(s subject) {
			r := launch(b, probe, s, func(dir string) work { return stays(probe, dir, programs) })
			r.waitStarts(b, programs)
			client := unixClient(filepath.Join(r.dir, "socket"))
			defer client.CloseIdleConnections()
			r.untilAnswers(b, client)
			for range calls {
				begin := time.Now()
				if n, err := allProcessInfo(client); err != nil || n != programs {
					b.Fatalf("%s: %d programs, %v; want %d\n%s", s.name, n, err, programs, r.log())
				}
				t.add(s.name, ms(time.Since(begin)))
			}
			r.end()
		})
	}
	t.report(b)
}

func unixClient(path string) *http.Client {
	return &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
	}
}

// untilAnswers waits for the first answer: the socket may come after the programs.
func (r *running) untilAnswers(b *testing.B, client *http.Client) {
	b.Helper()
	deadline := time.Now().Add(limit)
	for {
		_, err := allProcessInfo(client)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s does not answer within %v: %v\n%s", r.name, limit, err, r.log())
		}
		<-time.After(10 * time.Millisecond)
	}
}

// allProcessInfo returns how many programs the answer tells of.
func allProcessInfo(client *http.Client) (int, error) {
	const call = `<?xml version="1.0"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName><params/></methodCall>`
	resp, err := client.Post("http://supervisor/RPC2", "text/xml", bytes.NewReader([]byte(call)))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", resp.Status, body)
	}
	return bytes.Count(body, []byte("<name>statename</name>")), nil
}
