// Package listener is the program's side of Supervisor's protocol of event listeners:
// READY, an event, its RESULT, over and over.
package listener

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Event is one event: the fields of its header and what it tells.
type Event struct {
	Header  map[string]string
	Payload []byte
}

// Name is the type of the event, such as TICK_60.
func (e Event) Name() string { return e.Header["eventname"] }

// Fields are those of the first line of what the event tells.
func (e Event) Fields() map[string]string {
	line, _, _ := strings.Cut(string(e.Payload), "\n")
	return fields(line)
}

// OK is the answer to an event that was handled.
const OK = "OK"

// Serve answers events with what handle returns, until the supervisor has gone. It returns
// the exit status: 1 after an error of handle, or of the protocol, which it prints behind name.
func Serve(name string, in io.Reader, out, errs io.Writer, handle func(Event) (string, error)) int {
	events := bufio.NewReader(in)
	for {
		if _, err := io.WriteString(out, "READY\n"); err != nil {
			return 1
		}
		line, err := events.ReadString('\n')
		if err != nil {
			return 0 // the supervisor has gone
		}
		e := Event{Header: fields(line)}
		size, err := strconv.Atoi(e.Header["len"])
		if err != nil || size < 0 {
			fmt.Fprintf(errs, "%s: expected the header of an event, got %q\n", name, line)
			return 1
		}
		e.Payload = make([]byte, size)
		if _, err := io.ReadFull(events, e.Payload); err != nil {
			return 0
		}
		answer, err := handle(e)
		if err != nil {
			fmt.Fprintf(errs, "%s: %v\n", name, err)
			return 1
		}
		if _, err := fmt.Fprintf(out, "RESULT %d\n%s", len(answer), answer); err != nil {
			return 1
		}
	}
}

// fields reads words of the form key:value.
func fields(line string) map[string]string {
	all := map[string]string{}
	for _, word := range strings.Fields(line) {
		if key, value, ok := strings.Cut(word, ":"); ok {
			all[key] = value
		}
	}
	return all
}
