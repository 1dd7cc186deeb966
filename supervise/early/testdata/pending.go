// Pending prints the signals that came before it asked for them, and those that it sends
// itself then: every one. Its argument says what it does first.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
)

func main() {
	runtime.LockOSThread()
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK)
	if err != nil {
		panic(err)
	}
	arg := ""
	if len(os.Args) > 1 {
		arg = os.Args[1]
	}
	switch arg {
	case "hold": // sends itself some that are to wait for the next image
		early.Catch(wake)
		more()
		if !early.Hold() {
			panic("cannot hold signals back")
		}
		for _, s := range []syscall.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
			send(s)
		}
		if came, _ := early.Take(nil); came != nil {
			panic(fmt.Sprint(came, " came while they were held back"))
		}
		panic(syscall.Exec("/proc/self/exe", os.Args[:1], os.Environ()))
	case "fault":
		early.CatchAll(wake)
		fmt.Println(*(*int)(nil))
	case "notify": // as in a program that knows nothing of this package
		send(unix.SIGINT)
		came := make(chan os.Signal, 1)
		signal.Notify(came, unix.SIGINT)
		early.Release()
		fmt.Println(<-came)
		return
	case "release": // sends itself one by which it ends then
		send(unix.SIGTERM)
		fmt.Println("not yet")
		early.Release()
		select {}
	}
	sudden(unix.SIGSEGV, unix.SIGABRT, 34)
	if !early.CatchAll(wake) {
		panic("cannot catch signals")
	}
	first := list()
	for s := syscall.Signal(1); s <= 64; s++ {
		if s != unix.SIGKILL && s != unix.SIGSTOP { // PIPE, which we send ourselves, is none
			send(s)
		}
	}
	runtime.GC() // needs preemption
	var count [8]byte
	if _, err := unix.Read(wake, count[:]); err != nil {
		panic(err)
	}
	fmt.Println(early.Linked(), first, "then", list())
}

// more makes the runtime have several threads, which sleep in system calls.
func more() {
	for range 4 {
		r, _, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		go syscall.Read(int(r.Fd()), make([]byte, 1))
	}
	time.Sleep(10 * time.Millisecond)
}

// sudden sends itself signals for which the runtime throws, or has no handler.
func sudden(all ...syscall.Signal) {
	if early.Linked() {
		for _, s := range all {
			send(s)
		}
	}
}

func list() string {
	all, age := early.Take(nil)
	if age < 0 || age > time.Minute || len(all) > 0 && age == 0 {
		panic(age)
	}
	var words []string
	for _, s := range all {
		words = append(words, fmt.Sprint(int(s)))
	}
	return strings.Join(words, " ")
}

func send(s syscall.Signal) {
	if err := unix.Kill(os.Getpid(), s); err != nil {
		panic(err)
	}
}
