package rpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/supervisor/serve/xmlrpc"
)

// Errors read as Python's, since what prints them is compared with Python programs.
func TestErrorText(t *testing.T) {
	_, missing := net.Dial("unix", filepath.Join(t.TempDir(), "none.sock"))
	for _, tt := range []struct {
		name        string
		err         error
		text, class string
	}{
		{"errno", missing, "[Errno 2] No such file or directory", "<class 'FileNotFoundError'>"},
		{"closed", io.EOF, "Remote end closed connection without response", "<class 'http.client.RemoteDisconnected'>"},
		{"timeout", os.ErrDeadlineExceeded, "timed out", "<class 'OSError'>"},
		{"name", &net.DNSError{}, "[Errno -2] Name or service not known", "<class 'socket.gaierror'>"},
		{"fault", &xmlrpc.Fault{Code: 10, Text: "BAD_NAME: x"}, "<Fault 10: 'BAD_NAME: x'>", "<class 'xmlrpc.client.Fault'>"},
		{"status", &rpc.StatusError{Code: 401, Reason: "Unauthorized"}, "<ProtocolError for 127.0.0.1/RPC2: 401 Unauthorized>", "<class 'xmlrpc.client.ProtocolError'>"},
		{"value", rpc.ValueError("odd"), "odd", "<class 'ValueError'>"},
		{"other", errors.New("other"), "other", "<class 'OSError'>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if text, class := rpc.ErrorText(tt.err), rpc.ClassName(tt.err); text != tt.text || class != tt.class {
				t.Errorf("%v: %q %s, want %q %s", tt.err, text, class, tt.text, tt.class)
			}
		})
	}
}

// Both kinds of URL reach the supervisor; another is no server.
func TestCall(t *testing.T) {
	f := servetest.Start(t, servetest.Programs(t.TempDir()), 0)
	for _, url := range []string{f.URL(), "http://" + f.TCP, "http://" + f.TCP + "/"} {
		if v, err := rpc.New(url, "", "").Call(context.Background(), "supervisor.getPID"); err != nil || v != int64(4711) {
			t.Errorf("%s: %v, %v", url, v, err)
		}
	}
	if _, err := rpc.New("ftp://x", "", "").Call(context.Background(), "supervisor.getPID"); err == nil {
		t.Error("ftp://x: no error")
	}
}
