package program

import (
	"context"
	"errors"
	"io"

	"slipway/sources/protocol"
)

// Hold has the program stand in a line for one of so many slots, and hold it, until the
// context ends. tell is called with what becomes of it. The error is that of the context, or
// an *Error.
func (p Program) Hold(ctx context.Context, slots int, tell func(t protocol.Turn, text string)) error {
	err := p.ask(ctx, protocol.Request{Slots: slots}, nil, func(out io.Reader) error {
		return protocol.Holding(protocol.NewReader(out, DefaultLimit), func(t protocol.Turn, text string) {
			tell(t, p.hide(text))
		})
	})
	if err == nil {
		err = p.failed(protocol.CodeUnavailable, errors.New("it has ended, and holds no slot"))
	}
	return err
}

// Join has the program join the rollout of what is there at a revision, until the context
// ends, or the change is rolled out to all, which is no error. tell is called with what
// becomes of it. outcome has what became of it here: Fresh, or Refused with a text.
func (p Program) Join(ctx context.Context, revision int64, outcome <-chan protocol.Message, tell func(t protocol.Turn, text string)) error {
	return p.ask(ctx, protocol.Request{Join: revision}, outcome, func(out io.Reader) error {
		return protocol.Holding(protocol.NewReader(out, DefaultLimit), func(t protocol.Turn, text string) {
			tell(t, p.hide(text))
		})
	})
}
