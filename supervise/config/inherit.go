package config

import (
	"strings"

	"slipway/supervise/config/text"
)

// Inherited is what every process gets of its supervisor.
type Inherited struct {
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
func (p *Process) Environ(in Inherited) []string {
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
	own = append(own, p.home()...)
	for _, v := range p.Environment {
		own = append(own, v.Name+"="+v.Value)
	}
	at := make(map[string]int, len(own)) // the last of each name
	for i, v := range own {
		name, _, _ := strings.Cut(v, "=")
		at[name] = i
	}
	withheld := p.withheld(in.Secrets)
	env := make([]string, 0, len(in.Environ)+len(own))
	for _, v := range in.Environ {
		name, _, isVar := strings.Cut(v, "=")
		if _, replaced := at[name]; !(replaced && isVar) && !withheld[name] && p.passes(name) {
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
func (p *Process) passes(name string) bool {
	return (p.PassEnvironment == nil || text.Matches(p.PassEnvironment, name)) && !text.Matches(p.UnsetEnvironment, name)
}

// home are the variables that login(1) sets for the user of p, with the key home.
func (p *Process) home() []string {
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
func (p *Process) withheld(secrets []string) map[string]bool {
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
func (p *Process) Withholds(secrets []string) bool { return len(p.withheld(secrets)) > 0 }

// Marks are the variables by which descendants of a process are recognised.
func (p *Process) Marks() []string {
	return []string{"SUPERVISOR_PROCESS_NAME=" + p.Name, "SUPERVISOR_GROUP_NAME=" + p.Group}
}
