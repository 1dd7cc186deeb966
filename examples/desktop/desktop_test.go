// Package desktop_test builds the image of this example and looks at its screen through VNC.
package desktop_test

import (
	"crypto/des"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

const image = "slipway-example/desktop"

func TestDesktop(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root)
	testkit.BuildExample(t, image, ".")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: []string{"-e", "VNC_PASSWORD=hunter22", "-e", "SCREEN=640x480x24"}})
	address := net.JoinHostPort(c.IP(t), "5900")
	seen := func(what string) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, what, func() error {
			if out, status := c.Exec(t, "slipway", "healthcheck"); status != 0 {
				return fmt.Errorf("healthcheck ends with %d: %s", status, out)
			}
			s, err := look(address, "hunter22")
			switch {
			case err != nil:
				return err
			case s.width != 640 || s.height != 480:
				return fmt.Errorf("the screen has %d x %d pixels, want 640 x 480", s.width, s.height)
			case len(s.colours) < 2:
				return errors.New("the screen is blank")
			}
			return nil
		})
	}
	seen("the window is on the screen")
	if _, err := look(address, "wrong"); err == nil {
		t.Error("a wrong password lets one in")
	}
	logs := c.Logs(t)
	order := []string{"spawned: 'screen'", "ready: screen", "spawned: 'app'"}
	for i, at := 0, 0; i < len(order); i++ {
		next := strings.Index(logs[at:], order[i])
		if next < 0 {
			t.Fatalf("the log has no %q where it is expected:\n%s", order[i], logs)
		}
		at += next
	}
	if got := c.MustExec(t, "stat", "-c", "%a %U", "/run/desktop/vnc-password"); got != "600 desktop\n" {
		t.Errorf("the file of the password is %q", got)
	}

	before := c.MustExec(t, "slipway", "status", "app", "vnc")
	c.MustExec(t, "slipway", "signal", "KILL", "screen")
	testkit.Eventually(t, testkit.Patience, "what was on the screen is started again", func() error {
		for _, line := range strings.Split(before, "\n")[1:] {
			if now, _ := c.Exec(t, "slipway", "status", "app", "vnc"); line != "" && strings.Contains(now, " "+strings.Fields(line)[2]+" ") {
				return errors.New(now)
			}
		}
		return nil
	})
	seen("the window is on the screen again")
	c.Stop(t, testkit.Patience)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("status %d after docker stop, want 0", status)
	}
	if strings.Contains(c.Logs(t), "hunter22") {
		t.Error("the password is in the log")
	}
}

// The page shows what the example has.
func TestPageOfDesktop(t *testing.T) {
	text, err := os.ReadFile("etc/slipway/conf.d/desktop.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range testkit.Blocks(t, "examples/desktop/README.md", t.Name()) {
		if !strings.Contains(string(text), b.Text) {
			t.Errorf("desktop.conf has no such lines:\n%s", b.Text)
		}
	}
}

// screen is what a VNC server shows.
type screen struct {
	width, height int
	colours       map[uint32]bool
}

// look takes one picture of a screen, by version 3.8 of the protocol of VNC (RFC 6143).
func look(address, password string) (s screen, err error) {
	conn, err := net.DialTimeout("tcp", address, testkit.Patience)
	if err != nil {
		return s, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(testkit.Patience))
	v := vnc{conn: conn}
	v.read(12) // its version
	v.write([]byte("RFB 003.008\n"))
	v.read(int(v.read(1)[0])) // kinds of security that it has
	v.write([]byte{2})        // with a password
	v.write(answer(v.read(16), password))
	if result := binary.BigEndian.Uint32(v.read(4)); v.err == nil && result != 0 {
		return s, errors.New("the password is refused")
	}
	v.write([]byte{1}) // others may look, too
	init := v.read(24)
	s.width, s.height = int(binary.BigEndian.Uint16(init)), int(binary.BigEndian.Uint16(init[2:]))
	v.read(int(binary.BigEndian.Uint32(init[20:]))) // its name
	v.write([]byte{2, 0, 0, 1, 0, 0, 0, 0})         // encodings: raw
	v.write([]byte{3, 0, 0, 0, 0, 0, init[0], init[1], init[2], init[3]})
	message := v.read(4)
	if v.err == nil && message[0] != 0 {
		return s, fmt.Errorf("the server sends message %d, want the screen", message[0])
	}
	s.colours = v.rectangles(int(binary.BigEndian.Uint16(message[2:])), int(init[4]/8))
	return s, v.err
}

// vnc reads and writes until something fails; what is read after that is zero.
type vnc struct {
	conn net.Conn
	err  error
}

func (v *vnc) read(n int) []byte {
	b := make([]byte, n)
	if v.err == nil {
		_, v.err = io.ReadFull(v.conn, b)
	}
	return b
}

func (v *vnc) write(b []byte) {
	if v.err == nil {
		_, v.err = v.conn.Write(b)
	}
}

// rectangles are the colours of n raw rectangles with so many bytes for a pixel.
func (v *vnc) rectangles(n, size int) map[uint32]bool {
	colours := map[uint32]bool{}
	for ; n > 0 && v.err == nil; n-- {
		head := v.read(12)
		pixels := v.read(int(binary.BigEndian.Uint16(head[4:])) * int(binary.BigEndian.Uint16(head[6:])) * size)
		for i := 0; i+size <= len(pixels); i += size {
			var colour uint32
			for _, b := range pixels[i : i+size] {
				colour = colour<<8 | uint32(b)
			}
			colours[colour] = true
		}
	}
	return colours
}

// answer is what the server expects for its challenge: DES with the password as the key, the
// bits of each byte in reverse.
func answer(challenge []byte, password string) []byte {
	key := make([]byte, des.BlockSize)
	copy(key, password)
	for i := range key {
		key[i] = bits.Reverse8(key[i])
	}
	block, err := des.NewCipher(key)
	if err != nil {
		panic(err) // the key has eight bytes
	}
	out := make([]byte, len(challenge))
	for i := 0; i < len(out); i += des.BlockSize {
		block.Encrypt(out[i:], challenge[i:])
	}
	return out
}
