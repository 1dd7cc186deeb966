package child

import (
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/internal/redact"
	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/config/inherit"
	"slipway/supervise/kernel"
	"slipway/supervise/system"
	"slipway/supervise/words"
)

// Files looks at files. Stat follows links; MayExecute returns nil if the user that we
// are may execute the file; OpenRead does not wait.
type Files interface {
	Stat(path string) (kernel.FileInfo, error)
	MayExecute(path string) error
	OpenRead(path string) (fd int, info kernel.FileInfo, err error)
	ReadAt(fd int, p []byte, off int64) (int, error)
	Close(fd int) error
}

// Maker makes the commands of a supervisor's programs.
type Maker struct {
	Files Files
	// UID is the supervisor's effective user.
	UID int
	// Environ is the environment that programs get, and Secrets are the names of the
	// secret variables in it.
	Environ, Secrets []string
	// ServerURL is where programs find the supervisor; "": nowhere.
	ServerURL string
	// Slipway is the executable of the children that are no programs.
	Slipway string

	hidden bool // see Guard
}

// Beside is the executable slipway in the folder of our own, which is at path; "" for one
// that is not known.
func Beside(path string) string {
	if path == "" {
		return "/usr/local/bin/" + boot.Slipway
	}
	return filepath.Join(filepath.Dir(path), boot.Slipway)
}

// Program makes the command of a process, without descriptors.
func (m *Maker) Program(p *config.Process) (*kernel.Command, Failure) {
	path, failure := m.Find(p)
	if failure.Text != "" {
		return nil, failure
	}
	c, failure := m.as(p, path, p.Argv)
	if c != nil {
		c.Attributes = p.Attributes
	}
	return c, failure
}

// Words makes a command of words that is run as a process is: by its user, in its
// directory and its environment. The file is looked for as that of the process.
func (m *Maker) Words(p *config.Process, argv []string) (*kernel.Command, Failure) {
	as := *p
	as.Argv, as.ArgvErr = argv, ""
	return m.Program(&as)
}

// Shell makes a command of a line for the shell, run as a process is.
func (m *Maker) Shell(p *config.Process, line string) (*kernel.Command, Failure) {
	return m.as(p, "/bin/sh", []string{"sh", "-c", line})
}

// Redactor takes the values of secret variables out of what others are shown.
func (m *Maker) Redactor() *redact.Redactor {
	var values []string
	for _, name := range m.Secrets {
		if value, ok := boot.Lookup(m.Environ, name); ok && value != "" {
			values = append(values, value)
		}
	}
	return redact.New(values)
}

// WithoutSecrets is the environment of those of our children that need none of the secrets in
// it: others can read what a process was started with, and it stays there.
func (m *Maker) WithoutSecrets() []string {
	secret := make(map[string]bool, len(m.Secrets))
	for _, name := range m.Secrets {
		secret[name] = true
	}
	list := make([]string, 0, len(m.Environ))
	for _, v := range m.Environ {
		if name, _, _ := strings.Cut(v, "="); !secret[name] {
			list = append(list, v)
		}
	}
	return list
}

// Own makes a command of slipway itself, with an environment of its own.
func (m *Maker) Own(command string, environ []string) *kernel.Command {
	return &kernel.Command{Path: m.Slipway, Argv: []string{boot.Slipway, command}, Env: environ, Umask: -1}
}

// as makes a command that is run as a process is. Identity and directory are looked at
// before the fork: afterwards one error number would stand for any of the steps.
func (m *Maker) as(p *config.Process, path string, argv []string) (*kernel.Command, Failure) {
	c := &kernel.Command{Path: path, Argv: argv, Dir: p.Directory, Umask: p.Umask, DeathSignal: p.DeathSignal}
	if u := p.User; u != nil && (u.Differs(m.UID) || p.Groups != nil) {
		switch {
		case m.UID == 0:
		case u.UID == m.UID:
			return nil, Failure{Text: "couldn't set the groups of " + words.Quote(p.Name) + ": the supervisor is not root (supplementary_groups)", Code: NotExecutable}
		default:
			return nil, Failure{Text: "couldn't setuid to " + strconv.Itoa(u.UID) + ": Can't drop privilege as nonroot user", Code: NotExecutable}
		}
		c.Credential = &kernel.Credential{UID: u.UID, GID: u.GID, Groups: u.Groups}
		if p.Groups != nil {
			c.Credential.Groups = append([]int{u.GID}, p.Groups...)
		}
	}
	if c.Dir != "" {
		info, err := m.Files.Stat(c.Dir)
		if err == nil && !info.IsDir() {
			err = unix.ENOTDIR
		}
		if err != nil {
			return nil, Failure{Text: "couldn't chdir to " + c.Dir + ": " + words.ErrnoName(err), Code: NotExecutable, Missing: err == unix.ENOENT}
		}
	}
	c.Env = inherit.Environ(p, inherit.From{Environ: m.Environ, Secrets: m.Secrets, ServerURL: m.ServerURL})
	return c, m.withFiles(p, c)
}

// Find finds the file of a process's command, by Supervisor's rules and with its texts:
// the first file on PATH that exists is it, executable or not.
func (m *Maker) Find(p *config.Process) (string, Failure) {
	switch {
	case p.ArgvErr != "":
		return "", Failure{Text: "can't parse command " + words.Quote(p.Command) + ": " + p.ArgvErr, Code: NotFound}
	case len(p.Argv) == 0:
		return "", Failure{Text: "command is empty", Code: NotFound}
	}
	word := p.Argv[0]
	search := p.CommandPath(func(name string) (string, bool) { return boot.Lookup(m.Environ, name) })
	path, found := system.FindCommand(word, search, m.exists)
	if !found {
		return "", notFound(word)
	}
	info, err := m.Files.Stat(path)
	switch {
	case err != nil:
		return "", notFound(word)
	case info.IsDir():
		return "", Failure{Text: "command at " + words.Quote(path) + " is a directory", Code: NotExecutable}
	case info.Mode&0o111 == 0:
		return "", Failure{Text: "command at " + words.Quote(path) + " is not executable", Code: NotExecutable}
	case m.Files.MayExecute(path) != nil:
		return "", Failure{Text: "no permission to run command " + words.Quote(path), Code: NotExecutable}
	}
	return path, Failure{}
}

// notFoundText begins the text of a command that is not there.
const notFoundText = "can't find command "

func notFound(word string) Failure {
	return Failure{Text: notFoundText + words.Quote(word), Code: NotFound, Missing: true}
}

// IsNotFound reports whether there is no file of that name.
func (f Failure) IsNotFound() bool {
	return f.Code == NotFound && strings.HasPrefix(f.Text, notFoundText)
}

// exists reports whether there is a file, or what a link leads to.
func (m *Maker) exists(path string) bool {
	_, err := m.Files.Stat(path)
	return err == nil
}
