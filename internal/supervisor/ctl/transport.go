package ctl

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

// server is the other end: a URL and credentials.
type server struct {
	url      string
	username string
	password string
	client   *http.Client
}

// statusError is an HTTP answer that is no XML-RPC answer.
type statusError struct {
	code   int
	reason string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("<ProtocolError for 127.0.0.1/RPC2: %d %s>", e.code, e.reason)
}

// newServer returns a server for an http:// or unix:// URL. Connections are kept
// between calls.
func newServer(url, username, password string) *server {
	s := &server{url: url, username: username, password: password}
	s.client = &http.Client{Transport: &http.Transport{DialContext: s.dial, DisableCompression: true}}
	return s
}

func (s *server) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	var d net.Dialer
	if path, ok := strings.CutPrefix(s.url, "unix://"); ok {
		return d.DialContext(ctx, "unix", path)
	}
	return d.DialContext(ctx, "tcp", addr)
}

// base is the URL that requests are made to; for a unix socket the host means
// nothing.
func (s *server) base() string {
	if strings.HasPrefix(s.url, "unix://") {
		return "http://localhost"
	}
	return strings.TrimSuffix(s.url, "/")
}

// errScheme is what Python's transport says to other URLs.
type errScheme struct{ url string }

func (e errScheme) Error() string { return "Unknown protocol for serverurl " + e.url }

// call calls a method. Errors are *xmlrpc.Fault, *statusError, or of the socket.
func (s *server) call(ctx context.Context, method string, args ...any) (any, error) {
	if !strings.HasPrefix(s.url, "unix://") && !strings.HasPrefix(s.url, "http://") {
		return nil, errScheme{s.url}
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
		return nil, &statusError{resp.StatusCode, http.StatusText(resp.StatusCode)}
	}
	return xmlrpc.ParseResponse(resp.Body)
}

func (s *server) authorize(req *http.Request) {
	if s.username != "" || s.password != "" {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.username+":"+s.password)))
	}
}

// tail copies what a log tail sends to out until ctx ends or the server does. A
// problem goes to errOut, as one line that begins with the URL.
func (s *server) tail(ctx context.Context, path string, out, errOut io.Writer) {
	complain := func(text string) { fmt.Fprintf(errOut, "%s%s %s\n", s.url, path, text) }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base()+path, nil)
	if err != nil {
		complain("Cannot connect, error: " + err.Error())
		return
	}
	s.authorize(req)
	resp, err := s.client.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			complain("Cannot connect, error: " + className(err) + " (" + pythonText(err) + ")")
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

// className is the Python class of an error, which the original prints.
func className(err error) string {
	var f *xmlrpc.Fault
	var st *statusError
	var no syscall.Errno
	var dns *net.DNSError
	var scheme errScheme
	name := "OSError"
	switch {
	case errors.As(err, &f):
		name = "xmlrpc.client.Fault"
	case errors.As(err, &st):
		name = "xmlrpc.client.ProtocolError"
	case errors.As(err, &scheme), errors.As(err, new(valueError)):
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

// pythonText is an error's text in the form in which Python prints it.
func pythonText(err error) string {
	var no syscall.Errno
	var dns *net.DNSError
	switch {
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

// valueError is an answer that a command has no words for.
type valueError string

func (e valueError) Error() string { return string(e) }
