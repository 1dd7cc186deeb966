package serve

import (
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"slipway/supervise/control"
)

// serverHeader is what the original sends; clients in the wild look for it.
const serverHeader = "Medusa/1.12"

// site is one HTTP server: its address, its credentials, its answers.
type site struct {
	*Server
	info    control.ServerInfo
	guesses guesses

	mu      sync.Mutex
	refused map[string]bool // peers whose wrong password was logged
}

// ServeHTTP authenticates and dispatches, by prefix and in Supervisor's order.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", serverHeader)
	guarded(w.Header())
	if why := s.foreign(r); why != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, "The request was refused: %s.\n", why) // a client that is gone learns nothing
		return
	}
	if status := s.authorize(r); status != http.StatusOK {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="default"`)
			w.Header().Set("Connection", "close")
		}
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "5")
		}
		errorPage(w, status)
		return
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/RPC2"):
		s.rpc(w, r)
	case strings.HasPrefix(path, "/logtail"):
		s.logTail(w, r)
	case strings.HasPrefix(path, "/mainlogtail"):
		s.mainLogTail(w, r)
	case path == "/metrics":
		s.metrics(w, r)
	default:
		s.page(w, r)
	}
}

// authorize returns 200, or the status to refuse a request with.
func (s *site) authorize(r *http.Request) int {
	if s.info.Username == "" {
		return http.StatusOK
	}
	scheme, cookie, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "basic") {
		return http.StatusUnauthorized
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(cookie))
	if err != nil {
		return http.StatusBadRequest
	}
	if s.guesses.full(r.RemoteAddr) {
		return http.StatusTooManyRequests
	}
	user, password, ok := strings.Cut(string(raw), ":")
	if ok && s.matches(user, password) {
		return http.StatusOK
	}
	s.logRefused(r.RemoteAddr)
	if !s.guesses.wrong(r.Context(), r.RemoteAddr) {
		return http.StatusTooManyRequests
	}
	return http.StatusUnauthorized
}

// matches compares in constant time, the name too: digests of equal length are
// compared, so not even the lengths show.
func (s *site) matches(user, password string) bool {
	want := s.info.Password
	got := password
	if hexDigest, ok := strings.CutPrefix(want, "{SHA}"); ok {
		sum := sha1.Sum([]byte(password)) // the format that Supervisor's files have
		want, got = strings.ToLower(hexDigest), hex.EncodeToString(sum[:])
	}
	return equal(s.info.Username, user)&equal(want, got) == 1
}

func equal(a, b string) int {
	x, y := sha1.Sum([]byte(a)), sha1.Sum([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}

// maxRefused bounds how many peers are remembered.
const maxRefused = 1024

// logRefused writes one line per peer to the activity log, however often it tries.
func (s *site) logRefused(addr string) {
	peer := addr
	if host, _, err := net.SplitHostPort(addr); err == nil {
		peer = host
	}
	s.mu.Lock()
	known := s.refused[peer] || len(s.refused) >= maxRefused
	if !known {
		s.refused[peer] = true
	}
	s.mu.Unlock()
	if !known {
		s.logLine("warn", fmt.Sprintf("wrong user name or password for server '%s' from %s (logged once)", s.info.Section, peer))
	}
}

// logLine writes to the supervisor's activity log.
func (s *Server) logLine(level, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := s.conf.Control.Call(ctx, control.OpLogWrite, control.String(level), control.String(text))
	if err != nil {
		fmt.Fprintf(s.conf.Log, "slipway: serve: %s\n", text) // better there than nowhere
	}
}

// errorPage answers with a status and the original's few words about it.
func errorPage(w http.ResponseWriter, status int) {
	body := fmt.Sprintf("<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n"+
		"<p>Error code %d.\r\n<p>Message: %s.\r\n</body>\r\n", status, http.StatusText(status))
	h := w.Header()
	h.Set("Content-Type", "text/html")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that is gone learns nothing anyway
}
