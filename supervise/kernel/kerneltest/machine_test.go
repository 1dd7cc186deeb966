package kerneltest

import (
	"io"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"

	"slipway/supervise/kernel"
)

func TestMachineKeepsTheContract(t *testing.T) {
	Contract(t, onMachine(func() Settings { return Settings{Lenient: true} }))
}

// With dice a machine is as unpredictable as Linux, and keeps the contract all the same.
func TestMachineWithDiceKeepsTheContract(t *testing.T) {
	for seed := range uint64(20) {
		t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) {
			Contract(t, onMachine(func() Settings {
				return Settings{Lenient: true, Dice: rand.New(rand.NewPCG(seed, 1)).IntN}
			}))
		})
	}
}

func onMachine(settings func() Settings) func(*testing.T, func(*testing.T, *Bench)) {
	return func(t *testing.T, test func(*testing.T, *Bench)) {
		synctest.Test(t, func(t *testing.T) {
			m := New(t, settings())
			m.Install("/bin/play", Script)
			m.Mkdir("/work")
			test(t, &Bench{
				System: m,
				Command: func(scripts ...string) *kernel.Command {
					return &kernel.Command{Path: "/bin/play", Argv: append([]string{"play"}, scripts...), Umask: -1}
				},
				Dir:    "/work",
				Dial:   func(address string) (io.ReadWriteCloser, error) { return m.Dial(address, 0) },
				Files:  func(conn io.ReadWriteCloser) []string { return conn.(*Conn).Files() },
				Link:   m.Link,
				Signal: m.Signal,
				Port:   func() int { return 80 },
			})
		})
	}
}
