package config

import (
	"slices"
	"strings"
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
// tells every program, then the configured variables, later ones replacing earlier
// ones. What is not replaced passes byte for byte.
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
	for _, v := range p.Environment {
		own = append(own, v.Name+"="+v.Value)
	}
	env := make([]string, 0, len(in.Environ)+len(own))
	for _, v := range in.Environ {
		if !defines(own, v) && !p.withholds(in.Secrets, v) {
			env = append(env, v)
		}
	}
	for i, v := range own {
		if !defines(own[i+1:], v) {
			env = append(env, v)
		}
	}
	return env
}

// withholds reports whether v is a secret that p does not get: it has the key secrets
// and does not list it.
func (p *Process) withholds(secrets []string, v string) bool {
	name, _, _ := strings.Cut(v, "=")
	return p.Secrets != nil && slices.Contains(secrets, name) && !slices.Contains(p.Secrets, name)
}

// Marks are the variables by which descendants of a process are recognised.
func (p *Process) Marks() []string {
	return []string{"SUPERVISOR_PROCESS_NAME=" + p.Name, "SUPERVISOR_GROUP_NAME=" + p.Group}
}

// defines reports whether list has a variable of the same name as v.
func defines(list []string, v string) bool {
	eq := strings.IndexByte(v, '=')
	if eq < 0 {
		return false
	}
	for _, other := range list {
		if len(other) > eq && other[:eq+1] == v[:eq+1] {
			return true
		}
	}
	return false
}
