// Package netaddr stands for the module that gomplate's net functions return values of.
package netaddr

import (
	"errors"
	"net"
)

var errAbsent = errors.New("inet.af/netaddr is not part of the oracle")

// IP, IPPrefix and IPRange are the types of the module.
type (
	IP       struct{}
	IPPrefix struct{}
	IPRange  struct{}
)

// String makes them fmt.Stringer.
func (IPPrefix) String() string { return "" }

// ParseIP fails.
func ParseIP(string) (IP, error) { return IP{}, errAbsent }

// ParseIPPrefix fails.
func ParseIPPrefix(string) (IPPrefix, error) { return IPPrefix{}, errAbsent }

// ParseIPRange fails.
func ParseIPRange(string) (IPRange, error) { return IPRange{}, errAbsent }

// IPFrom fails.
func IPFrom(IP, uint8) IPRange { return IPRange{} }

// Masked is itself.
func (p IPPrefix) Masked() IPPrefix { return p }

// IPNet is no network.
func (IPPrefix) IPNet() *net.IPNet { return &net.IPNet{} }
