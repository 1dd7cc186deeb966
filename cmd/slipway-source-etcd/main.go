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

	"slipway/internal/confine"
	"slipway/sources/etcd"
	"slipway/sources/protocol"
)

const usage = `usage: slipway-source-etcd < REQUEST

Reads keys from an etcd cluster for slipway, which starts it when the
configuration has a section [etcd]. The request and the answer are described in
docs/reference/source-protocol.md. To try it by hand:

  printf 'slipway-source 1\nset endpoints http://127.0.0.1:2379\nset prefix /app/\nget\n' | slipway-source-etcd

EXIT STATUS
  0   a snapshot was written, keys were, or the end of standard input ended a watch
  69  the cluster cannot be reached
  75  the cluster does not answer in time
  65  keys were changed meanwhile, or the cluster takes not so much at once
  77  the cluster refuses the user, the read or the write
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
	confine.Source()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	status := run(ctx, os.Stdin, os.Stdout)
	stop()
	os.Exit(status)
}

// maxRequest bounds what is read of a request, in bytes.
const maxRequest = 256 << 20

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
	in := protocol.NewReader(stdin, maxRequest)
	q, err := protocol.ReadRequest(in)
	if err != nil {
		return fail(protocol.CodeInvalid, err)
	}
	conf, err := etcd.FromRequest(q)
	if err != nil {
		return fail(protocol.CodeInvalid, err)
	}
	r := etcd.Reader{Config: conf, Note: func(text string) { say(protocol.Message{Verb: protocol.Note, Text: text}) }}
	switch {
	case q.Writes:
		var w protocol.Writing
		if w, err = protocol.ReadWriting(in, q); err != nil {
			return fail(protocol.CodeInvalid, err)
		}
		err = r.Write(ctx, w, func(revision int64) { say(protocol.Message{Verb: protocol.Progress, Number: revision}) })
	case q.Slots > 0:
		err = hold(ctx, stdin, &r, q.Slots, say)
	case q.Join > 0:
		err = rollout(ctx, in, &r, q.Join, say)
	case q.Watch:
		err = watch(ctx, stdin, &r, out)
	default:
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

// once writes a snapshot, and before it what is about to end.
func once(ctx context.Context, r *etcd.Reader, out *protocol.Writer) error {
	u, err := r.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, e := range r.Endings() {
		out.WriteUpdate(e)
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

// hold stands in a line for a slot, and holds it until standard input ends.
func hold(ctx context.Context, stdin io.Reader, r *etcd.Reader, slots int, say func(protocol.Message)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // ends as that of watch does
		_, _ = io.Copy(io.Discard, stdin)
		cancel(errUnwanted)
	}()
	return r.Hold(ctx, slots, turns(say))
}

// turns says what becomes of a slot, or of a rollout.
func turns(say func(protocol.Message)) func(t protocol.Turn, text string) {
	return func(t protocol.Turn, text string) {
		switch t {
		case protocol.Queued:
			say(protocol.Message{Verb: protocol.Progress})
		case protocol.Held:
			say(protocol.Message{Verb: protocol.Fresh})
		case protocol.Away:
			say(protocol.Message{Verb: protocol.Stale, Text: text})
		case protocol.Stopped:
			say(protocol.Message{Verb: protocol.Refused, Text: text})
		}
	}
}

// rollout joins a rollout, until standard input ends or the change is rolled out.
func rollout(ctx context.Context, in *protocol.Reader, r *etcd.Reader, revision int64, say func(protocol.Message)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcome := make(chan string)
	go func() { // ends as that of watch does
		for {
			m, err := in.Next()
			if err != nil {
				cancel(errUnwanted)
				return
			}
			why := "" // Fresh
			if m.Verb == protocol.Refused {
				why = m.Text
			}
			select {
			case outcome <- why:
			case <-ctx.Done():
				return
			}
		}
	}()
	return r.Rollout(ctx, revision, outcome, turns(say))
}

// exitStatus is the status of sysexits for a code of the protocol.
func exitStatus(code string) int {
	switch code {
	case protocol.CodeTimeout:
		return 75
	case protocol.CodeConflict, protocol.CodeTooLarge:
		return 65
	case protocol.CodeDenied:
		return 77
	case protocol.CodeInvalid:
		return 78
	default:
		return 69
	}
}
