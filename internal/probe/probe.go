// Package probe asks once whether something answers: a TCP port, a Unix socket, a
// URL, a file, or a command. It is what `slipway wait` repeats and what PID 1
// runs, as a child process, for the keys ready and health.
package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Probe is one question. Its text is one of
//
//	tcp://host:port           a connection is accepted
//	unix:///path              a connection is accepted
//	http://host[:port]/path   the answer's status is 200 to 399; https too
//	file:/path                the file exists
//	exec:command              the shell command ends with status 0
type Probe struct {
	text   string
	scheme string
	target string // host:port, path, command, or the URL
	// Insecure accepts any certificate of an https server, as a health check on
	// one's own address must.
	Insecure bool
}

// Parse reads a probe's text.
func Parse(text string) (Probe, error) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	p := Probe{text: text, scheme: strings.ToLower(scheme)}
	if !ok || rest == "" {
		return p, bad(text)
	}
	switch p.scheme {
	case "exec", "file":
		p.target = strings.TrimSpace(strings.TrimPrefix(rest, "//"))
		if p.target == "" {
			return p, bad(text)
		}
		return p, nil
	case "tcp", "unix", "http", "https":
	default:
		return p, bad(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return p, fmt.Errorf("cannot parse probe %q: %v", text, err)
	}
	switch p.scheme {
	case "tcp":
		if u.Port() == "" || u.Hostname() == "" {
			return p, fmt.Errorf("cannot parse probe %q: expected tcp://HOST:PORT", text)
		}
		p.target = u.Host
	case "unix":
		if u.Path == "" {
			return p, fmt.Errorf("cannot parse probe %q: expected unix:///PATH", text)
		}
		p.target = u.Path
	default:
		if u.Host == "" {
			return p, fmt.Errorf("cannot parse probe %q: expected %s://HOST[:PORT]/PATH", text, p.scheme)
		}
		p.target = u.String()
	}
	return p, nil
}

func bad(text string) error {
	return fmt.Errorf("cannot parse probe %q: expected tcp://HOST:PORT, unix:///PATH, http(s)://HOST/PATH, file:/PATH or exec:COMMAND", text)
}

// String is the probe as it was written, without a password it may hold.
func (p Probe) String() string {
	if u, err := url.Parse(p.text); err == nil && u.User != nil {
		return u.Redacted()
	}
	return p.text
}

// Check asks once, until ctx is done. The error says what came instead.
func (p Probe) Check(ctx context.Context) error {
	switch p.scheme {
	case "tcp", "unix":
		conn, err := new(net.Dialer).DialContext(ctx, p.scheme, p.target)
		if err != nil {
			return cause(err)
		}
		return conn.Close()
	case "file":
		_, err := os.Stat(p.target)
		return err
	case "exec":
		return p.command(ctx)
	default:
		return p.get(ctx)
	}
}

// get asks a web server. Redirects are answers, not orders.
func (p Probe) get(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "slipway-probe")
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: p.Insecure}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return cause(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode >= 400 {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

// outputKept bounds what a failing command's last line may show, in bytes.
const outputKept = 4 << 10

// command runs the shell command in a process group of its own, which is killed
// when ctx is done, with whatever it has started.
func (p Probe) command(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", p.target)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 100 * time.Millisecond // a grandchild may hold the pipe open
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		if last := out.lastLine(); last != "" {
			return fmt.Errorf("%w: %s", err, last)
		}
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // the command itself ended with 0
	}
	return err
}

// tail keeps the last bytes written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - outputKept; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) lastLine() string {
	s := strings.TrimRight(string(t.b), "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// cause takes the layers off a network error that repeat what the caller says
// anyway.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
