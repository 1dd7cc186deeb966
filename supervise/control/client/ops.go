package client

import (
	"context"
	"os"

	"slipway/supervise/control"
)

// Caller is what the operations need of a connection.
type Caller interface {
	// Call returns the answer, or a *control.Fault, or ctx's error.
	Call(ctx context.Context, method string, args ...control.Value) (control.Value, error)
	// CallFile is Call with the descriptor that came with the answer, or nil.
	CallFile(ctx context.Context, method string, args ...control.Value) (control.Value, *os.File, error)
	// Stream hands out the chunks of a streaming method.
	Stream(ctx context.Context, do func(control.Value) error, method string, args ...control.Value) error
}

var _ Caller = (*Client)(nil)

// Processes returns all processes, by group and name.
func Processes(ctx context.Context, c Caller) ([]control.ProcessInfo, error) {
	v, err := c.Call(ctx, control.OpProcessList)
	if err != nil {
		return nil, err
	}
	return control.ReadList[control.ProcessInfo](v), nil
}

// Process returns one process.
func Process(ctx context.Context, c Caller, name string) (control.ProcessInfo, error) {
	v, err := c.Call(ctx, control.OpProcessGet, control.String(name))
	return control.Read[control.ProcessInfo](v), err
}

// Configs returns the configuration that was read last.
func Configs(ctx context.Context, c Caller) ([]control.ConfigInfo, error) {
	v, err := c.Call(ctx, control.OpConfigList)
	if err != nil {
		return nil, err
	}
	return control.ReadList[control.ConfigInfo](v), nil
}

// Statuses calls a group operation and returns its results.
func Statuses(ctx context.Context, c Caller, method string, args ...control.Value) ([]control.Status, error) {
	v, err := c.Call(ctx, method, args...)
	if err != nil {
		return nil, err
	}
	return control.ReadList[control.Status](v), nil
}

// OpenLog returns what the log of a channel is and, if it is a regular file, the
// file. The activity log is the one of process "".
func OpenLog(ctx context.Context, c Caller, name, channel string) (control.LogInfo, *os.File, error) {
	if name == "" {
		v, f, err := c.CallFile(ctx, control.OpLogOpen)
		return control.Read[control.LogInfo](v), f, err
	}
	v, f, err := c.CallFile(ctx, control.OpProcessOpenLog, control.String(name), control.String(channel))
	return control.Read[control.LogInfo](v), f, err
}

// Reread makes PID 1 read its configuration again.
func Reread(ctx context.Context, c Caller) (control.RereadResult, error) {
	v, err := c.Call(ctx, control.OpConfigReread)
	return control.Read[control.RereadResult](v), err
}

// State returns the state of the supervisor.
func State(ctx context.Context, c Caller) (control.Mood, error) {
	v, err := c.Call(ctx, control.OpState)
	return control.Read[control.SupervisorState](v).Code, err
}

// Info returns what the supervisor says about itself.
func Info(ctx context.Context, c Caller) (control.SupervisorInfo, error) {
	v, err := c.Call(ctx, control.OpInfo)
	return control.Read[control.SupervisorInfo](v), err
}

// Servers returns the HTTP servers and their credentials; only a child that PID 1
// started for serving them gets an answer.
func Servers(ctx context.Context, c Caller) ([]control.ServerInfo, error) {
	v, err := c.Call(ctx, control.OpServers)
	if err != nil {
		return nil, err
	}
	return control.ReadList[control.ServerInfo](v), nil
}
