package etcdtest

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"slipway/internal/test/testkit"
)

// Wire is a connection to a server that can be cut, and be mended: what a partition is to
// a client.
type Wire struct {
	// Endpoint is what the client is told.
	Endpoint string

	to   string
	addr string
	t    testing.TB

	mu    sync.Mutex // connections come and go beside the test
	in    net.Listener
	conns map[net.Conn]bool
}

// Connect lays a wire to a server without TLS. It is cut when the test ends.
func Connect(t testing.TB, s *Server) *Wire {
	t.Helper()
	port := testkit.FreePort(t)
	w := &Wire{
		Endpoint: fmt.Sprintf("http://127.0.0.1:%d", port), addr: fmt.Sprintf("127.0.0.1:%d", port),
		to: fmt.Sprintf("127.0.0.1:%d", s.Port), t: t, conns: map[net.Conn]bool{},
	}
	w.Mend()
	t.Cleanup(w.Cut)
	return w
}

// Cut breaks all connections and lets no new one through.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.in == nil {
		return
	}
	w.in.Close()
	w.in = nil
	for c := range w.conns {
		c.Close()
	}
	clear(w.conns)
}

// Mend lets connections through again.
func (w *Wire) Mend() {
	w.t.Helper()
	in, err := net.Listen("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.in = in
	w.mu.Unlock()
	go func() { // ends when Cut closes the listener
		for {
			conn, err := in.Accept()
			if err != nil {
				return
			}
			go w.carry(in, conn) // ends with the connection
		}
	}()
}

func (w *Wire) carry(in net.Listener, conn net.Conn) {
	defer conn.Close()
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	w.mu.Lock()
	cut := w.in != in
	if !cut {
		w.conns[conn], w.conns[far] = true, true
	}
	w.mu.Unlock()
	if cut {
		return
	}
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{conn, far}, {far, conn}} {
		go func() { // ends with either connection, which the other's end closes
			_, _ = io.Copy(pair[0], pair[1])
			done <- struct{}{}
		}()
	}
	<-done
	w.mu.Lock()
	delete(w.conns, conn)
	delete(w.conns, far)
	w.mu.Unlock()
}
