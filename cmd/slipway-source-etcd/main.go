// Command slipway-source-etcd reads keys from an etcd cluster for slipway. It
// speaks the source protocol (docs/reference/source-protocol.md) on standard input and
// output; its settings are the keys of the section [etcd].
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"slipway/sources/etcd"
	"slipway/sources/protocol"
)

const usage = `usage: slipway-source-etcd < REQUEST

Reads keys from an etcd cluster for slipway, which starts it when the
configuration has a section [etcd]. The request and the answer are described in
docs/reference/source-protocol.md. To try it by hand:

  printf 'slipway-source 1\nset endpoints http://127.0.0.1:2379\nset prefix /app/\nget\n' | slipway-source-etcd

EXIT STATUS
  0   a snapshot was written, or the end of standard input ended a watch
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
	if q.Watch {
		err = watch(ctx, stdin, &r, out)
	} else {
		debug.SetGCPercent(400) // what ends in a moment need not tidy up
		err = once(ctx, &r, out)
	}
	var e *etcd.Error
	switch {
	case err == nil, errors.Is(err, errUnwanted):
		return 0
	case errors.As(err, &e):
		return fail(e.Code, e)
	default:
		return fail(protocol.CodeUnavailable, err)
	}
}

// once writes a snapshot.
func once(ctx context.Context, r *etcd.Reader, out *protocol.Writer) error {
	u, err := r.Snapshot(ctx)
	if err != nil {
		return err
	}
	out.WriteUpdate(u)
	return out.Flush()
}

// errUnwanted is why a watch ends when its standard input does.
var errUnwanted = errors.New("standard input has ended")

// watch writes a snapshot and all changes, until standard input ends.
func watch(ctx context.Context, stdin io.Reader, r *etcd.Reader, out *protocol.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Ends with standard input, or with the process: a read cannot be called off.
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		cancel(errUnwanted)
	}()
	return r.Watch(ctx, func(u protocol.Update) error {
		out.WriteUpdate(u)
		return out.Flush()
	})
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
