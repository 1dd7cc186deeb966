package kerneltest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/supervise/signals"
)

// Actor is a process that a script directs: one of a Machine, or a real one.
type Actor interface {
	Sleep(d time.Duration)
	Pause()
	Exit(code int)
	Handle(sig syscall.Signal, do func())
	Ignore(signals ...syscall.Signal)
	Raise(sig syscall.Signal)
	Run(script string) // starts a child in the same group that runs a script
	Await()            // waits for a child, and takes its status
	Setsid() error
	Setpgid(pgid int) error
	ReadLine(fd int) (string, error)
	Print(fd int, text string)
	Close(fd int) error
	Notify(text string) error
	Env(name string) string
	Deep(d time.Duration)
	PID() int
	Exists(path string) bool
	Touch(path string) // makes an empty file
}

// Play does what a script says, and returns when it ends. Steps are separated by ";":
//
//	print FD TEXT    text up to the end of the step, and a newline
//	fill FD N        N bytes, without a newline
//	flood FD N       N numbered lines
//	pid FD           the number of the process, as a line
//	env FD NAME      a variable, as a line
//	read FD          waits for a line; the end of what is to be read is as good
//	cat              prints to 1 what comes from 0, until its end
//	close FD
//	sleep DURATION
//	pause            for ever
//	deep DURATION    sleeps where nothing interrupts it (not on Linux); negative: for ever
//	exit N
//	raise SIG        sends a signal to itself
//	ignore SIG …
//	on SIG STEP      does a step when the signal comes, or ( SCRIPT )
//	need PATH        exits with 1 unless there is a file; lack PATH: if there is one
//	until PATH       waits until there is a file
//	touch PATH       makes a file
//	fork ( SCRIPT )  starts a child that does the script
//	await            waits for a child
//	setsid, setpgid
//	notify TEXT      as sd_notify does; "\n" stands for a newline
//
// The error is a mistake in the script.
func Play(a Actor, script string) error {
	for {
		step, rest, err := cutStep(script)
		if err != nil {
			return err
		}
		if step != "" {
			if err := play(a, step); err != nil {
				return fmt.Errorf("cannot play %q: %w", step, err)
			}
		}
		if rest == "" {
			return nil
		}
		script = rest
	}
}

// cutStep returns the first step of a script: up to a semicolon that is not in parentheses.
func cutStep(script string) (step, rest string, err error) {
	depth := 0
	for i, c := range script {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ';':
			if depth == 0 {
				return strings.TrimSpace(script[:i]), script[i+1:], nil
			}
		}
	}
	if depth != 0 {
		return "", "", errors.New("parentheses do not match")
	}
	return strings.TrimSpace(script), "", nil
}

func play(a Actor, step string) error {
	word, rest, _ := strings.Cut(step, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "print", "fill", "flood", "pid", "env", "read", "cat", "close":
		return playIO(a, word, rest)
	case "on":
		name, do, _ := strings.Cut(rest, " ")
		sig, err := signalOf(name)
		if err == nil {
			do = inside(do)
			a.Handle(sig, func() { Play(a, do) })
		}
		return err
	case "need", "lack":
		if a.Exists(rest) != (word == "need") {
			a.Exit(1)
		}
	case "until":
		for !a.Exists(rest) {
			a.Sleep(20 * time.Millisecond)
		}
	case "touch":
		a.Touch(rest)
	case "raise", "ignore":
		for _, name := range strings.Fields(rest) {
			sig, err := signalOf(name)
			if err != nil {
				return err
			}
			if word == "raise" {
				a.Raise(sig)
			} else {
				a.Ignore(sig)
			}
		}
	case "sleep", "deep":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		if word == "deep" {
			a.Deep(d)
		} else {
			a.Sleep(d)
		}
	case "exit":
		code, err := strconv.Atoi(rest)
		if err != nil {
			return err
		}
		a.Exit(code)
	case "fork":
		a.Run(inside(rest))
	case "pause":
		a.Pause()
	case "await":
		a.Await()
	case "setsid":
		return a.Setsid()
	case "setpgid":
		return a.Setpgid(0)
	case "notify":
		return a.Notify(strings.ReplaceAll(rest, `\n`, "\n"))
	default:
		return errors.New("unknown step")
	}
	return nil
}

// inside returns what stands in parentheses.
func inside(step string) string {
	if script, ok := strings.CutPrefix(strings.TrimSpace(step), "("); ok {
		return strings.TrimSuffix(script, ")")
	}
	return step
}

func playIO(a Actor, word, rest string) error {
	if word == "cat" {
		for {
			line, err := a.ReadLine(0)
			if err != nil {
				return nil
			}
			a.Print(1, line+"\n")
		}
	}
	number, text, _ := strings.Cut(rest, " ")
	fd, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	switch word {
	case "print":
		a.Print(fd, text+"\n")
	case "fill":
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		a.Print(fd, strings.Repeat("x", n))
	case "flood":
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		for i := range n {
			a.Print(fd, "line "+strconv.Itoa(i)+"\n")
		}
	case "pid":
		a.Print(fd, strconv.Itoa(a.PID())+"\n")
	case "env":
		a.Print(fd, a.Env(text)+"\n")
	case "read":
		a.ReadLine(fd) // the end is as good
	case "close":
		return a.Close(fd)
	}
	return nil
}

func signalOf(name string) (syscall.Signal, error) {
	if n, ok := signals.Number(name); ok {
		return syscall.Signal(n), nil
	}
	return 0, fmt.Errorf("unknown signal %q", name)
}

// Script is the program that plays its arguments, one after the other: `command=/bin/play
// "on TERM exit 3" pause`. It ends with status 0, or with 2 for a mistake, which it prints.
func Script(p *Process) {
	for _, text := range p.Args[1:] {
		if err := Play(p, text); err != nil {
			p.Print(2, err.Error()+"\n")
			p.Exit(2)
		}
	}
}

// Raise sends a signal to the process itself.
func (p *Process) Raise(sig syscall.Signal) { p.Kill(p.pid, sig) }

// Run forks a child that plays a script.
func (p *Process) Run(script string) {
	p.Fork(func(c *Process) {
		c.Args = []string{p.Args[0], script}
		Script(c)
	})
}

// Exists reports whether there is a file.
func (p *Process) Exists(path string) bool {
	_, err := p.m.find(path)
	return err == nil
}

// Touch makes an empty file.
func (p *Process) Touch(path string) {
	if dir, base, err := p.m.place(path, true); err == nil && dir.entries[base] == nil {
		dir.entries[base] = p.m.newInode(syscall.S_IFREG | 0o644)
	}
}

// WriteFile makes a file with this text in the place of any other.
func (p *Process) WriteFile(path, text string) {
	if dir, base, err := p.m.place(path, true); err == nil {
		n := p.m.newInode(syscall.S_IFREG | 0o644)
		n.data = []byte(text)
		dir.entries[base] = n
	}
}

// Await waits for the end of a child.
func (p *Process) Await() { p.WaitChild() }
