//go:build linux && !amd64 && !arm64

package confine

import "errors"

// filter is not written for this architecture.
func filter() error { return errors.ErrUnsupported }
