// Package panics says what a recovered panic was: nothing of PID 1 may end by one unsaid.
package panics

import "runtime"

// Text is what panic was called with.
func Text(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return "a value"
}

// maxStack is how much of a stack is kept, in bytes.
const maxStack = 8 << 10

// Stack is that of the caller, which has recovered: it goes back to the call of panic.
func Stack() string {
	stack := make([]byte, maxStack)
	return string(stack[:runtime.Stack(stack, false)])
}
