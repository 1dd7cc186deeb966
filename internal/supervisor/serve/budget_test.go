package serve_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/supervisor/serve/xmlrpc"
)

// One request of a few kilobytes cannot ask for gigabytes: sixty reads of a log, each of as
// much as one may have, are answered within the budget of one, and the rest are faults. What
// acts is still done.
func TestMemoryOfOneRequest(t *testing.T) {
	dir := t.TempDir()
	m := servetest.Programs(dir)
	f := servetest.Start(t, m, 0)
	log := m.Processes[0].StdoutLog
	// Control characters, of which an answer has three bytes each.
	if err := os.WriteFile(log, bytes.Repeat([]byte{1}, 16<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	var calls []any
	for range 60 {
		calls = append(calls, xmlrpc.Struct{{Name: "methodName", Value: "supervisor.readProcessStdoutLog"},
			{Name: "params", Value: []any{m.Processes[0].Name, 0, 0}}})
	}
	calls = append(calls, xmlrpc.Struct{{Name: "methodName", Value: "supervisor.getPID"}, {Name: "params", Value: []any{}}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	resp, err := http.Post("http://"+f.TCP+"/RPC2", "text/xml", bytes.NewReader(xmlrpc.Call("system.multicall", calls)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var end ending
	n, err := io.Copy(&end, resp.Body)
	runtime.ReadMemStats(&after)
	if err != nil || n != resp.ContentLength {
		t.Errorf("%d bytes of %d, %v", n, resp.ContentLength, err)
	}
	if got := strings.Count(string(end), "ask for less at a time"); got < 50 {
		t.Errorf("%d faults at the end of the answer, want nearly 60", got)
	}
	if !strings.Contains(string(end), "<int>4711</int>") {
		t.Error("a call after those that were too large was not made")
	}
	if grew := (after.TotalAlloc - before.TotalAlloc) >> 20; grew > 64 {
		t.Errorf("the request took %d MiB, want little more than the 16 that it may have", grew)
	}
}

// ending keeps the last of what is written.
type ending []byte

func (w *ending) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	if len(*w) > 64<<10 {
		*w = append((*w)[:0], (*w)[len(*w)-64<<10:]...)
	}
	return len(p), nil
}
