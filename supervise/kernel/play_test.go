package kernel_test

import (
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"slipway/supervise/kernel/kerneltest"
)

// real is this process as the actor of a script.
type real struct {
	mu      sync.Mutex // a handler does its step while the script waits
	signals chan os.Signal
	do      map[syscall.Signal]func()
}

// play plays the scripts of this process, and returns its exit status.
func play(scripts []string) int {
	r := &real{signals: make(chan os.Signal, 16), do: map[syscall.Signal]func(){}}
	go func() { // ends with the process
		for sig := range r.signals {
			r.mu.Lock()
			r.do[sig.(syscall.Signal)]()
			r.mu.Unlock()
		}
	}()
	for _, text := range scripts {
		if err := kerneltest.Play(r, text); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			return 2
		}
	}
	return 0
}

// Sleep implements kerneltest.Actor.
func (r *real) Sleep(d time.Duration) { time.Sleep(d) }

// Deep implements kerneltest.Actor: it is a sleep.
func (r *real) Deep(d time.Duration) { time.Sleep(d) }

// Pause implements kerneltest.Actor. Without cgo the runtime takes a goroutine that waits
// for nothing, and is the last one, for a deadlock.
func (r *real) Pause() {
	for {
		time.Sleep(time.Hour)
	}
}

// Exit implements kerneltest.Actor.
func (r *real) Exit(code int) { os.Exit(code) }

// PID implements kerneltest.Actor.
func (r *real) PID() int { return os.Getpid() }

// Env implements kerneltest.Actor.
func (r *real) Env(name string) string { return os.Getenv(name) }

// Handle implements kerneltest.Actor.
func (r *real) Handle(sig syscall.Signal, do func()) {
	r.mu.Lock()
	r.do[sig] = do
	r.mu.Unlock()
	signal.Notify(r.signals, sig)
}

// Ignore implements kerneltest.Actor.
func (r *real) Ignore(signals ...syscall.Signal) {
	for _, sig := range signals {
		signal.Ignore(sig)
	}
}

// Raise implements kerneltest.Actor. It returns when the signal has done what it does.
func (r *real) Raise(sig syscall.Signal) { syscall.Kill(os.Getpid(), sig) }

// Run implements kerneltest.Actor.
func (r *real) Run(script string) {
	fds := []uintptr{0, 1, 2}
	for fd := uintptr(3); fd < 10; fd++ {
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFD, 0); errno != 0 {
			break
		}
		fds = append(fds, fd)
	}
	syscall.ForkExec("/proc/self/exe", []string{os.Args[0], script}, &syscall.ProcAttr{Env: os.Environ(), Files: fds})
}

// Await implements kerneltest.Actor.
func (r *real) Await() { syscall.Wait4(-1, nil, 0, nil) }

// Setsid implements kerneltest.Actor.
func (r *real) Setsid() error {
	_, err := syscall.Setsid()
	return err
}

// Setpgid implements kerneltest.Actor.
func (r *real) Setpgid(pgid int) error { return syscall.Setpgid(0, pgid) }

// ReadLine implements kerneltest.Actor.
func (r *real) ReadLine(fd int) (string, error) {
	var line strings.Builder
	var b [1]byte
	for {
		n, err := syscall.Read(fd, b[:])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return line.String(), err
		case n == 0:
			return line.String(), os.ErrClosed
		case b[0] == '\n':
			return line.String(), nil
		}
		line.WriteByte(b[0])
	}
}

// Print implements kerneltest.Actor.
func (r *real) Print(fd int, text string) {
	p := []byte(text)
	for len(p) > 0 {
		n, err := syscall.Write(fd, p)
		switch err {
		case nil:
			p = p[n:]
		case syscall.EINTR:
		case syscall.EPIPE:
			endBySIGPIPE()
		default:
			return
		}
	}
}

// endBySIGPIPE does what the kernel does to a program that is not written in Go: there the
// runtime has a handler, which does nothing for a plain write.
func endBySIGPIPE() {
	var byDefault [64]byte // a struct sigaction of zeros is SIG_DFL
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGPIPE), uintptr(unsafe.Pointer(&byDefault[0])), 0, 8, 0, 0)
	syscall.Kill(os.Getpid(), syscall.SIGPIPE)
	select {}
}

// Close implements kerneltest.Actor.
func (r *real) Close(fd int) error { return syscall.Close(fd) }

// Notify implements kerneltest.Actor.
func (r *real) Notify(text string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	return syscall.Sendto(fd, []byte(text), 0, &syscall.SockaddrUnix{Name: os.Getenv("NOTIFY_SOCKET")})
}

// Exists implements kerneltest.Actor.
func (r *real) Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Touch implements kerneltest.Actor.
func (r *real) Touch(path string) { os.WriteFile(path, nil, 0o644) }
