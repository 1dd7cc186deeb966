package serve

import (
	"sync/atomic"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

const (
	// maxAnswer bounds what one request is answered, in bytes before they are escaped,
	// however many calls are in it.
	maxAnswer = maxRead
	// maxAnswers bounds what all requests together are.
	maxAnswers = 4 * maxRead
	// freeAnswer is what a call may always answer: that it has been done.
	freeAnswer = 512
)

// budget is what one request may still be answered. It is not for concurrent use.
type budget struct {
	all  *atomic.Int64 // what all requests have taken
	left int64
	took int64
}

func (s *Server) budget() *budget { return &budget{all: &s.answers, left: maxAnswer} }

// take takes n bytes, or says that there are no more.
func (b *budget) take(n int64) error {
	if n > b.left {
		return control.NewFault(control.Failed, "the answer is too large for one request; ask for less at a time")
	}
	if b.all.Add(n) > maxAnswers {
		b.all.Add(-n)
		return control.NewFault(control.Failed, "too many large answers at once; try again")
	}
	b.left -= n
	b.took += n
	return nil
}

// done gives back what the request has taken: its answer has been sent.
func (b *budget) done() { b.all.Add(-b.took) }

// charge takes what a result needs that no log was read for.
func (b *budget) charge(v any) error {
	if n := sizeOfValue(v) - freeAnswer; n > 0 {
		return b.take(n)
	}
	return nil
}

// sizeOfValue is about what a value takes, as a value and as text.
func sizeOfValue(v any) int64 {
	const each = 64
	switch v := v.(type) {
	case string:
		return each + int64(len(v))
	case []string:
		n := int64(each)
		for _, item := range v {
			n += each + int64(len(item))
		}
		return n
	case []any:
		n := int64(each)
		for _, item := range v {
			n += sizeOfValue(item)
		}
		return n
	case xmlrpc.Struct:
		n := int64(each)
		for _, m := range v {
			n += each + int64(len(m.Name)) + sizeOfValue(m.Value)
		}
		return n
	}
	return each
}
