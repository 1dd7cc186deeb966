// Package superlance are the event listeners of Supervisor's plug-in of that name, which
// configurations call: crashmail, crashmailbatch, crashsms, fatalmailbatch, httpok and memmon. They
// understand its command lines, print what it prints, and reach the supervisor as it does,
// over XML-RPC. Each is a process of its own; nothing of them is in PID 1.
package superlance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/xmlrpc"
)

// Names are those of the listeners.
func Names() []string {
	return []string{"crashmail", "crashmailbatch", "crashsms", "fatalmailbatch", "httpok", "memmon"}
}

// Find returns the listener of that name, nil if there is none. It runs a command line, the
// name first, and returns its exit status.
func Find(name string) func(args []string, in io.Reader, out, errs io.Writer) int {
	switch name {
	case "crashmail":
		return crashmail
	case "crashmailbatch", "crashsms", "fatalmailbatch":
		return batch
	case "httpok":
		return httpok
	case "memmon":
		return memmon
	}
	return nil
}

// statusUsage is the exit status after a wrong command line.
const statusUsage = 255

// running is the number of the state RUNNING; unknownMethod that of a fault.
const (
	running       = 20
	unknownMethod = 1
)

// process is what the supervisor says of one.
type process struct {
	group, name string
	pid         int
	running     bool
	uptime      int64 // in seconds, of one that is running
}

// namespec is the name by which the supervisor is asked, as Supervisor writes it.
func (p process) namespec() string {
	if p.group == p.name {
		return p.name
	}
	return p.group + ":" + p.name
}

// is says whether a name of a command line means p: its own, or with its group.
func (p process) is(name string) bool { return name == p.name || name == p.group+":"+p.name }

// supervisor is the one that has started the listener.
type supervisor struct{ server *rpc.Server }

// connect finds the supervisor in the environment.
func connect() (supervisor, error) {
	url := os.Getenv("SUPERVISOR_SERVER_URL")
	if url == "" {
		if os.Getenv("SUPERVISOR_ENABLED") == "" {
			return supervisor{}, errors.New("this must be run as an event listener of a supervisor")
		}
		return supervisor{}, errors.New("SUPERVISOR_SERVER_URL is not set: the configuration needs a [unix_http_server] section")
	}
	return supervisor{rpc.New(url, os.Getenv("SUPERVISOR_USERNAME"), os.Getenv("SUPERVISOR_PASSWORD"))}, nil
}

func (s supervisor) processes() ([]process, error) {
	answer, err := s.server.Call(context.Background(), "supervisor.getAllProcessInfo")
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) && fault.Code == unknownMethod {
		return nil, fmt.Errorf("cannot list the processes: %s: the configuration needs an [rpcinterface:supervisor] section", rpc.ErrorText(err))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the processes: %s", rpc.ErrorText(err))
	}
	list, _ := answer.([]any)
	all := make([]process, 0, len(list))
	for _, v := range list {
		info, ok := v.(xmlrpc.Struct)
		if !ok {
			return nil, fmt.Errorf("cannot list the processes: expected structs, got %v", v)
		}
		all = append(all, process{group: info.String("group"), name: info.String("name"), pid: int(info.Int("pid")),
			running: info.Int("state") == running, uptime: info.Int("now") - info.Int("start")})
	}
	return all, nil
}

// stop and start wait until the process has stopped or started.
func (s supervisor) stop(p process) error  { return s.ask("supervisor.stopProcess", p) }
func (s supervisor) start(p process) error { return s.ask("supervisor.startProcess", p) }

func (s supervisor) ask(method string, p process) error {
	if _, err := s.server.Call(context.Background(), method, p.namespec()); err != nil {
		return errors.New(rpc.ErrorText(err))
	}
	return nil
}
