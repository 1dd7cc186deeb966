// Package boot is the contract between the stages of a container's life, each of which
// is a program of its own: the launch stage (slipway run, supervisord), the supervisor
// (slipway-init), and the children of the supervisor that are no programs of the
// configuration (slipway serve, watch, probe). It holds the names of variables, the
// words of command lines and the numbers of descriptors on which they agree, and
// imports nothing of ours, so that every stage can link it.
package boot

import (
	"slices"
	"strconv"
	"strings"
)

// The variables that the launch stage passes to the supervisor. Programs do not see
// them.
const (
	// EnvBootFD is the number of the descriptor of the boot snapshot.
	EnvBootFD = "SLIPWAY_BOOT_FD"
	// EnvKeptFD is the number of the descriptor of configuration files that could be read only
	// once.
	EnvKeptFD = "SLIPWAY_KEPT_FD"
	// EnvReadyFD is the number of a pipe on which a detached supervisor reports, by
	// one byte, that it has started its programs.
	EnvReadyFD = "SLIPWAY_READY_FD"
	// EnvVersion tells the supervisor which slipway it is: finding out for itself
	// would link too much.
	EnvVersion = "SLIPWAY_INIT_VERSION"
	// EnvCalled is what a person has typed to start all this: messages name it.
	EnvCalled = "SLIPWAY_CALLED"
	// EnvSecretNames are the names of the secret variables among those for the
	// programs, one a line. More than one variable has them if they are many.
	EnvSecretNames = "SLIPWAY_SECRET_NAMES"
	// EnvProcessors says what GOMAXPROCS is for programs: the whole variable, "" for none.
	// See OneProcessor.
	EnvProcessors = "SLIPWAY_PROCESSORS"
)

// processors is the variable by which a Go program decides, before its first line, how many
// threads run its code.
const processors = "GOMAXPROCS"

// EnvNotify is the socket of sd_notify(3) on which a container tells its owner how it is. It is
// the supervisor's, not its programs'.
const EnvNotify = "NOTIFY_SOCKET"

// Variables that a hook has besides those of its program.
const (
	EnvHook       = "SLIPWAY_HOOK"
	EnvMainPID    = "SLIPWAY_MAIN_PID"
	EnvExitStatus = "SLIPWAY_EXIT_STATUS"
	EnvExitSignal = "SLIPWAY_EXIT_SIGNAL"
)

// The file in which the end of a container is explained, which Kubernetes reads, and the
// variable that names another one; "" is none.
const (
	EnvTermination  = "SLIPWAY_TERMINATION_LOG"
	TerminationFile = "/dev/termination-log"
	// TerminationMost is what Kubernetes takes of it, in bytes.
	TerminationMost = 4096
)

// What `slipway with-env` finds in the environment of the program that it becomes.
const (
	// EnvFiles are the env files, one a line. One that begins with "-" need not be there.
	EnvFiles = "SLIPWAY_ENV_FILES"
	// EnvKeep are the names of variables that no file changes, separated by commas.
	EnvKeep = "SLIPWAY_ENV_KEEP"
)

// The words by which the supervisor is called.
const (
	// Run and Supervisord select whose habits it has: a container's or Supervisor's.
	Run         = "run"
	Supervisord = "supervisord"
	// WatchOption says that something can change, so that the watcher is started.
	WatchOption = "--watch"
	// CommandFollows comes before the command that makes up the program "main".
	CommandFollows = "--"
)

// Slipway is the name of the executable of the supervisor's own children; the words
// below are its commands.
const (
	Slipway  = "slipway"
	Serve    = "serve"    // the HTTP front
	Watch    = "watch"    // the watcher
	Probe    = "probe"    // one question to a program
	Compress = "compress" // one old log file
	WithEnv  = "with-env" // becomes a program, with the variables of files
)

// SelfName is what the supervisor calls itself in a mode. Supervisor's word is for those who
// asked for it.
func SelfName(mode string) string {
	if mode == Supervisord {
		return Supervisord
	}
	return Slipway
}

// The descriptors of `slipway serve` and `slipway watch` beyond the first three: their end
// of a private control connection, then, for serve, the listening sockets in the order of
// the answer to the method servers.
const (
	ControlFD  = 3
	ListenerFD = 4
)

// Passed is what the launch stage has passed in the environment.
type Passed struct {
	// BootFD, KeptFD and ReadyFD are the descriptors of EnvBootFD, EnvKeptFD and EnvReadyFD;
	// -1 for none.
	BootFD, KeptFD, ReadyFD int
	// Version and Secrets are the values of EnvVersion and EnvSecretNames.
	Version string
	Secrets []string
	// Called is the value of EnvCalled; "" if nobody has passed it.
	Called string
	// Environ is the rest of the environment, byte for byte: that of programs.
	Environ []string
}

// secretsPart is how much of EnvSecretNames one variable has. A kernel carries no variable of
// more than 128 KiB, and names have no bound together.
const secretsPart = 64 << 10

// secretsName is the variable of a part of EnvSecretNames.
func secretsName(part int) string {
	if part == 0 {
		return EnvSecretNames
	}
	return EnvSecretNames + "_" + strconv.Itoa(part)
}

// SecretNames are the variables that pass the names of secrets on, as many as it takes.
func SecretNames(names []string) []string {
	var list []string
	for len(names) > 0 {
		n, size := 1, len(names[0])
		for n < len(names) && size+1+len(names[n]) <= secretsPart {
			size += 1 + len(names[n])
			n++
		}
		list = append(list, secretsName(len(list))+"="+strings.Join(names[:n], "\n"))
		names = names[n:]
	}
	return list
}

// Take reads what the launch stage has passed.
func Take(environ []string) Passed {
	p := Passed{
		BootFD: descriptor(environ, EnvBootFD), KeptFD: descriptor(environ, EnvKeptFD), ReadyFD: descriptor(environ, EnvReadyFD),
	}
	environ = withProcessors(environ)
	own := []string{EnvBootFD, EnvKeptFD, EnvReadyFD, EnvVersion, EnvCalled, EnvProcessors}
	for part := 0; ; part++ {
		names, ok := Lookup(environ, secretsName(part))
		if !ok {
			break
		}
		p.Secrets = append(p.Secrets, strings.FieldsFunc(names, func(r rune) bool { return r == '\n' })...)
		own = append(own, secretsName(part))
	}
	p.Environ = Without(environ, own...)
	p.Version, _ = Lookup(environ, EnvVersion)
	p.Called, _ = Lookup(environ, EnvCalled)
	return p
}

// OneProcessor is environ for a supervisor whose code runs on one thread at a time from the
// beginning. When it comes to its first line, the Go runtime has made room for as many as
// there are processors, and what is not needed leaves up to 400 KiB behind. Programs
// get what was there before: Take gives it back.
func OneProcessor(environ []string) []string {
	list := make([]string, 0, len(environ)+2)
	before, at := "", -1
	for _, v := range environ {
		if strings.HasPrefix(v, processors+"=") && at < 0 {
			before, at = v, len(list)
			v = processors + "=1"
		}
		list = append(list, v)
	}
	if at < 0 {
		list = append(list, processors+"=1")
	}
	return append(list, EnvProcessors+"="+before)
}

// withProcessors undoes OneProcessor.
func withProcessors(environ []string) []string {
	before, ok := Lookup(environ, EnvProcessors)
	at := slices.Index(environ, processors+"=1")
	if !ok || at < 0 {
		return environ
	}
	if before == "" {
		return slices.Delete(slices.Clone(environ), at, at+1)
	}
	environ = slices.Clone(environ)
	environ[at] = before
	return environ
}

// descriptor returns the number that a variable holds; -1 without it.
func descriptor(environ []string, name string) int {
	if v, ok := Lookup(environ, name); ok {
		if fd, err := strconv.Atoi(v); err == nil && fd > 2 {
			return fd
		}
	}
	return -1
}

// Lookup returns the last value of a variable, which is the one that holds.
func Lookup(environ []string, name string) (string, bool) {
	for i := len(environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(environ[i], name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// Without returns a copy of environ without the variables of these names, everything else
// byte for byte.
func Without(environ []string, names ...string) []string {
	list := make([]string, 0, len(environ)+1)
	for _, v := range environ {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains(names, name) {
			list = append(list, v)
		}
	}
	return list
}
