//go:build !linux

package testkit

import "errors"

func hasCgroups() error { return errors.New("not Linux") }
