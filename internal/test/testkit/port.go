package testkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// FreePort returns a port that nobody has at any address, of TCP or of UDP, and that the
// kernel gives to nobody who asks for any: what it gives is 32768 and above
// (ip_local_port_range), and may be the end of a connection a moment later.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		if port := 10000 + rand.IntN(22768); isFree(port) {
			return port
		}
	}
	t.Fatal("a thousand ports, and none is free")
	return 0
}

// isFree tells whether a port can be listened at.
func isFree(port int) bool {
	address := net.JoinHostPort("", strconv.Itoa(port))
	stream, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	defer stream.Close()
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	packets.Close()
	return true
}
