//go:build linux

package sink

import (
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/fault"
)

// The pauses, as short names.
const (
	firstRetry  = fault.FirstRetry
	lastRetry   = fault.LastRetry
	reportEvery = fault.ReportEvery
)

// system is a System of which tests make single calls fail.
type system struct {
	open     func(path string, flags int, perm uint32) (int, error)
	close    func(fd int) error
	write    func(fd int, p []byte) (int, error)
	position func(fd int) (int64, error)
	truncate func(fd int) error
	fstat    func(fd int) (kernel.FileInfo, error)
	stat     func(path string) (kernel.FileInfo, error)
	readLink func(path string) (string, error)
	rename   func(from, to string) error
	unlink   func(path string) error
	writable func(fd int) error
	now      func() time.Time
}

func realSystem() *system {
	k := &kernel.Linux{}
	return &system{
		open: k.OpenFile, close: k.Close, write: k.Write, position: k.Position, truncate: k.Truncate, fstat: k.StatOpen,
		stat: k.Stat, readLink: k.ReadLink, rename: k.Rename, unlink: k.Remove, writable: k.Writable, now: k.Now,
	}
}

func (s *system) OpenFile(path string, flags int, mode uint32) (int, error) {
	return s.open(path, flags, mode)
}
func (s *system) Close(fd int) error                        { return s.close(fd) }
func (s *system) Write(fd int, p []byte) (int, error)       { return s.write(fd, p) }
func (s *system) Position(fd int) (int64, error)            { return s.position(fd) }
func (s *system) Truncate(fd int) error                     { return s.truncate(fd) }
func (s *system) StatOpen(fd int) (kernel.FileInfo, error)  { return s.fstat(fd) }
func (s *system) Stat(path string) (kernel.FileInfo, error) { return s.stat(path) }
func (s *system) ReadLink(path string) (string, error)      { return s.readLink(path) }
func (s *system) Rename(from, to string) error              { return s.rename(from, to) }
func (s *system) Remove(path string) error                  { return s.unlink(path) }
func (s *system) Now() time.Time                            { return s.now() }
func (s *system) Writable(fd int) error                     { return s.writable(fd) }

// newTargets returns Targets of the real system, and what of it can be made to fail.
func newTargets(o Options) (*Targets, *system) {
	sys := realSystem()
	o.System = sys
	return NewTargets(o), sys
}
