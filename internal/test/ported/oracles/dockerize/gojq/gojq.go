// Package gojq stands for the module behind dockerize's jsonQuery, which no proxy serves.
package gojq

import "errors"

var errAbsent = errors.New("jsonQuery is not part of the oracle")

// JQ is a parsed document.
type JQ struct{}

// NewStringQuery fails.
func NewStringQuery(string) (*JQ, error) { return nil, errAbsent }

// Query fails.
func (*JQ) Query(string) (interface{}, error) { return nil, errAbsent }
