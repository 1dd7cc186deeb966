package unnoticed

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// envServer makes this executable a server.
const envServer = "SLIPWAY_TEST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(envServer) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "server:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// listener is what sd_listen_fds(3) would find, or one that is the server's own.
func listener() (net.Listener, error) {
	if address := os.Getenv("SERVER_LISTEN"); address != "" {
		return net.Listen("tcp", address)
	}
	if pid := os.Getenv("LISTEN_PID"); pid != strconv.Itoa(os.Getpid()) {
		return nil, fmt.Errorf("LISTEN_PID is %q, and this is %d", pid, os.Getpid())
	}
	if n := os.Getenv("LISTEN_FDS"); n != "1" {
		return nil, fmt.Errorf("LISTEN_FDS is %q", n)
	}
	return net.FileListener(os.NewFile(3, "listener"))
}

// serve is a plain server, as people write them: it takes the listener that it is given as
// sd_listen_fds(3) does, says that it is ready on descriptor 4, counts HUP, and comes to its end on TERM
// when it has answered what it was asked.
func serve() error {
	l, err := listener()
	if err != nil {
		return err
	}
	if _, err := os.Stat(os.Getenv("SERVER_LACKS")); err == nil {
		return errors.New("it is broken")
	}
	wait, err := time.ParseDuration(os.Getenv("SERVER_WAIT"))
	if err == nil {
		time.Sleep(wait) // as what reads its caches does; connections wait meanwhile
	}
	settings, _ := os.ReadFile(os.Getenv("SERVER_SETTINGS")) // without any it has none
	var reloads atomic.Int64
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	go func() {
		for range hup {
			reloads.Add(1)
		}
	}()
	var mu sync.Mutex
	conns := map[net.Conn]http.ConnState{}
	srv := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(2 * time.Millisecond)
			fmt.Fprintln(w, os.Getpid(), reloads.Load(), string(settings))
		}),
		ConnState: func(c net.Conn, is http.ConnState) {
			mu.Lock()
			defer mu.Unlock()
			if conns[c] = is; is == http.StateClosed || is == http.StateHijacked {
				delete(conns, c)
			}
		},
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() {
		<-term
		l.Close()
	}()
	if os.Getenv("SERVER_READY") != "" {
		os.NewFile(4, "ready").WriteString("\n")
	}
	// Shutdown closes what was accepted and has not been asked anything yet. So the listener is
	// closed first, then what is idle, and the rest is answered.
	if err := srv.Serve(l); !errors.Is(err, net.ErrClosed) {
		return err
	}
	srv.SetKeepAlivesEnabled(false)
	for quiet := 0; quiet < 200; quiet++ { // a client may have a connection that it never uses
		mu.Lock()
		if len(conns) == 0 {
			return nil
		}
		for _, is := range conns {
			if is == http.StateActive {
				quiet = 0
			}
		}
		mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	return nil
}
