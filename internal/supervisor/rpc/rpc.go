// Package rpc is the client of Supervisor's HTTP side: XML-RPC and the logs that it sends.
// It words errors as Python does, since supervisorctl and the listeners print them.
package rpc

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"slipway/internal/supervisor/serve/xmlrpc"
)

// Server is the other end: a URL and credentials.
type Server struct {
	URL      string
	Username string
	Password string
	client   *http.Client
}

// StatusError is an HTTP answer that is no XML-RPC answer.
type StatusError struct {
	Code   int
	Reason string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("<ProtocolError for 127.0.0.1/RPC2: %d %s>", e.Code, e.Reason)
}

// New returns a server for an http:// or unix:// URL. Connections are kept
// between calls.
func New(url, username, password string) *Server {
	s := &Server{URL: url, Username: username, Password: password}
	s.client = &http.Client{Transport: &http.Transport{DialContext: s.dial, DisableCompression: true}}
	return s
}

func (s *Server) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	var d net.Dialer
	if path, ok := strings.CutPrefix(s.URL, "unix://"); ok {
		return d.DialContext(ctx, "unix", path)
	}
	return d.DialContext(ctx, "tcp", addr)
}

// base is the URL that requests are made to; for a unix socket the host means
// nothing.
func (s *Server) base() string {
	if strings.HasPrefix(s.URL, "unix://") {
		return "http://localhost"
	}
	return strings.TrimSuffix(s.URL, "/")
}

// errScheme is what Python's transport says to other URLs.
type errScheme struct{ url string }

func (e errScheme) Error() string { return "Unknown protocol for serverurl " + e.url }

// Call calls a method. Errors are *xmlrpc.Fault, *StatusError, or of the socket.
func (s *Server) Call(ctx context.Context, method string, args ...any) (any, error) {
	if !strings.HasPrefix(s.URL, "unix://") && !strings.HasPrefix(s.URL, "http://") {
		return nil, errScheme{s.URL}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base()+"/RPC2", bytes.NewReader(xmlrpc.Call(method, args...)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("Accept", "text/xml")
	s.authorize(req)
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be kept
		return nil, &StatusError{resp.StatusCode, http.StatusText(resp.StatusCode)}
	}
	return xmlrpc.ParseResponse(resp.Body)
}

func (s *Server) authorize(req *http.Request) {
	if s.Username != "" || s.Password != "" {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.Username+":"+s.Password)))
	}
}

// Tail copies what a log tail sends to out until ctx ends or the server does. A
// problem goes to errOut, as one line that begins with the URL.
func (s *Server) Tail(ctx context.Context, path string, out, errOut io.Writer) {
	complain := func(text string) { fmt.Fprintf(errOut, "%s%s %s\n", s.URL, path, text) }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base()+path, nil)
	if err != nil {
		complain("Cannot connect, error: " + err.Error())
		return
	}
	s.authorize(req)
	resp, err := s.client.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			complain("Cannot connect, error: " + ClassName(err) + " (" + ErrorText(err) + ")")
		}
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		complain(fmt.Sprintf("Cannot read, status code %d", resp.StatusCode))
		return
	}
	_, _ = io.Copy(out, resp.Body) // ends with the server or ctx, and either is how a tail ends
}

// ClassName is the Python class of an error, which the original prints.
func ClassName(err error) string {
	var f *xmlrpc.Fault
	var st *StatusError
	var no syscall.Errno
	var dns *net.DNSError
	var scheme errScheme
	name := "OSError"
	switch {
	case errors.As(err, &f):
		name = "xmlrpc.client.Fault"
	case errors.As(err, &st):
		name = "xmlrpc.client.ProtocolError"
	case errors.As(err, &scheme), errors.As(err, new(ValueError)):
		name = "ValueError"
	case errors.As(err, &dns):
		name = "socket.gaierror"
	case errors.Is(err, io.EOF):
		name = "http.client.RemoteDisconnected"
	case errors.As(err, &no):
		switch no {
		case syscall.EACCES, syscall.EPERM:
			name = "PermissionError"
		case syscall.ECONNREFUSED:
			name = "ConnectionRefusedError"
		case syscall.ECONNRESET:
			name = "ConnectionResetError"
		case syscall.ENOENT:
			name = "FileNotFoundError"
		case syscall.ETIMEDOUT:
			name = "TimeoutError"
		case syscall.EPIPE:
			name = "BrokenPipeError"
		}
	}
	return "<class '" + name + "'>"
}

// ErrorText is an error's text in the form in which Python prints it.
func ErrorText(err error) string {
	var no syscall.Errno
	var dns *net.DNSError
	var slow net.Error
	switch {
	case errors.As(err, &slow) && slow.Timeout():
		return "timed out"
	case errors.As(err, &dns):
		return "[Errno -2] Name or service not known"
	case errors.As(err, &no):
		text := no.Error()
		r, n := utf8.DecodeRuneInString(text)
		return fmt.Sprintf("[Errno %d] %c%s", int(no), unicode.ToUpper(r), text[n:])
	case errors.Is(err, io.EOF):
		return "Remote end closed connection without response"
	}
	return err.Error()
}

// ValueError is an answer that a command has no words for.
type ValueError string

func (e ValueError) Error() string { return string(e) }
