package program

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"

	"slipway/sources/protocol"
)

// Write has the program change keys, all of them or none unless q allows to split them.
// The revisions are those that were made, also with an error, which is an *Error or that
// of the context. The settings are those of the program.
func (p Program) Write(ctx context.Context, q protocol.Writing) (revisions []int64, err error) {
	q.Settings = p.Settings
	var request bytes.Buffer
	if err := q.Write(&request); err != nil {
		return nil, p.failed(protocol.CodeInvalid, err)
	}
	cmd := exec.CommandContext(ctx, p.Path)
	cmd.Env = p.Environ
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Dir = "/"
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	cmd.Stdin = &request
	stderr, answer := &tail{}, &bytes.Buffer{}
	cmd.Stderr, cmd.Stdout = stderr, answer
	waitErr := cmd.Run()
	if answer.Len() == 0 && cmd.Process == nil {
		return nil, p.failed(protocol.CodeInvalid, waitErr)
	}
	note := func(text string) {
		if p.Note != nil {
			p.Note(p.hide(text))
		}
	}
	revisions, readErr := protocol.Written(protocol.NewReader(answer, DefaultLimit), note)
	if readErr == nil {
		readErr = io.EOF
	}
	err = p.outcome(ctx, readErr, waitErr, stderr)
	if err == nil && len(revisions) == 0 {
		err = p.failed(protocol.CodeUnavailable, errors.New("it ended without having written anything"))
	}
	var failed *Error
	if errors.As(err, &failed) {
		failed.writes = true
	}
	return revisions, err
}
