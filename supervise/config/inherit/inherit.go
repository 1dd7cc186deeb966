// Package inherit says which environment a program gets: what is passed on of the
// supervisor's, and what is its own. It is pure.
package inherit

import (
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/config/text"
)

// From is what every process gets of its supervisor.
type From struct {
	// Environ is the supervisor's environment, as os.Environ gives it.
	Environ []string
	// Secrets are the names of the secret variables in it.
	Secrets []string
	// ServerURL is that of the configuration.
	ServerURL string
}

// Environ is the environment of a process: the supervisor's, then what Supervisor
// tells every program, then those of its user with the key home, then the configured
// variables, later ones replacing earlier ones. What is not replaced passes byte for byte.
func Environ(p *config.Process, in From) []string {
	own := make([]string, 0, len(p.Environment)+4)
	own = append(own, "SUPERVISOR_ENABLED=1")
	url := p.ServerURL
	if url == "" {
		url = in.ServerURL
	}
	if url != "" {
		own = append(own, "SUPERVISOR_SERVER_URL="+url)
	}
	own = append(own, p.Marks()...)
	own = append(own, home(p)...)
	for _, v := range p.Environment {
		own = append(own, v.Name+"="+v.Value)
	}
	at := make(map[string]int, len(own)) // the last of each name
	for i, v := range own {
		name, _, _ := strings.Cut(v, "=")
		at[name] = i
	}
	secret := withheld(p, in.Secrets)
	env := make([]string, 0, len(in.Environ)+len(own))
	for _, v := range in.Environ {
		name, _, isVar := strings.Cut(v, "=")
		if _, replaced := at[name]; !(replaced && isVar) && !secret[name] && passes(p, name) {
			env = append(env, v)
		}
	}
	for i, v := range own {
		if name, _, _ := strings.Cut(v, "="); at[name] == i {
			env = append(env, v)
		}
	}
	return env
}

// passes tells whether p inherits a variable of that name, as far as pass_environment and
// unset_environment say.
func passes(p *config.Process, name string) bool {
	return (p.PassEnvironment == nil || text.Matches(p.PassEnvironment, name)) && !text.Matches(p.UnsetEnvironment, name)
}

// home are the variables that login(1) sets for the user of p, with the key home.
func home(p *config.Process) []string {
	if !p.Home || p.User == nil {
		return nil
	}
	shell := p.User.Shell
	if shell == "" {
		shell = "/bin/sh" // passwd(5)
	}
	return []string{"HOME=" + p.User.Home, "USER=" + p.User.Name, "LOGNAME=" + p.User.Name, "SHELL=" + shell}
}

// withheld are the secrets that p does not get: it has the key secrets and does not list
// them.
func withheld(p *config.Process, secrets []string) map[string]bool {
	if p.Secrets == nil {
		return nil
	}
	names := make(map[string]bool, len(secrets))
	for _, name := range secrets {
		names[name] = true
	}
	for _, name := range p.Secrets {
		delete(names, name)
	}
	return names
}

// Withholds reports whether p does not get all of the secrets.
func Withholds(p *config.Process, secrets []string) bool { return len(withheld(p, secrets)) > 0 }
