// Command slipway-source-etcd reads keys from an etcd cluster for slipway. It
// speaks the source protocol (docs/source-protocol.md) on standard input and
// output; its settings are the keys of the section [etcd].
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"slipway/sources/etcd"
	"slipway/sources/protocol"
)

const usage = `usage: slipway-source-etcd < REQUEST

Reads keys from an etcd cluster for slipway, which starts it when the
configuration has a section [etcd]. The request and the answer are described in
docs/source-protocol.md. To try it by hand:

  printf 'slipway-source 1\nset endpoints http://127.0.0.1:2379\nset prefix /app/\nget\n' | slipway-source-etcd

EXIT STATUS
  0   a snapshot was written
  69  the cluster cannot be reached
  75  the cluster does not answer in time
  77  the cluster refuses the user, or the read
  78  the settings are wrong
`

func main() {
	if len(os.Args) > 1 {
		if os.Args[1] == "--help" || os.Args[1] == "-h" {
			fmt.Print(usage)
			return
		}
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	status := run(ctx, os.Stdin, os.Stdout)
	stop()
	os.Exit(status)
}

// maxRequest bounds what is read of a request, in bytes.
const maxRequest = 1 << 20

// run answers one request and returns the exit status.
func run(ctx context.Context, stdin io.Reader, stdout io.Writer) int {
	out := protocol.NewWriter(stdout)
	out.Write(protocol.Message{Verb: protocol.Hello, Number: protocol.Version})
	say := func(m protocol.Message) {
		out.Write(m)
		_ = out.Flush() // a broken pipe: nobody wants to know any more
	}
	fail := func(code string, err error) int {
		say(protocol.Message{Verb: protocol.Error, Name: code, Text: err.Error()})
		return exitStatus(code)
	}
	q, err := protocol.ReadRequest(protocol.NewReader(stdin, maxRequest))
	if err != nil {
		return fail(protocol.CodeInvalid, err)
	}
	conf, err := etcd.FromRequest(q)
	if err != nil {
		return fail(protocol.CodeInvalid, err)
	}
	r := etcd.Reader{Config: conf, Note: func(text string) { say(protocol.Message{Verb: protocol.Note, Text: text}) }}
	u, err := r.Snapshot(ctx)
	var e *etcd.Error
	switch {
	case errors.As(err, &e):
		return fail(e.Code, e)
	case err != nil:
		return fail(protocol.CodeUnavailable, err)
	}
	out.WriteUpdate(u)
	if out.Flush() != nil {
		return exitStatus(protocol.CodeUnavailable)
	}
	return 0
}

// exitStatus is the status of sysexits for a code of the protocol.
func exitStatus(code string) int {
	switch code {
	case protocol.CodeTimeout:
		return 75
	case protocol.CodeDenied:
		return 77
	case protocol.CodeInvalid:
		return 78
	default:
		return 69
	}
}
