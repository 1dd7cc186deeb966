package config

// IsCalled reports whether a name means the process: its program, its group, or itself.
func (p *Process) IsCalled(name string) bool {
	return name == p.Program || name == p.Group || name == p.Group+":"+p.Name
}

// FullName is what supervisorctl calls the process.
func (p *Process) FullName() string {
	if p.Group == p.Name {
		return p.Name
	}
	return p.Group + ":" + p.Name
}

// CommandPath is the PATH in which a process's command is looked for: that of its own
// environment alone, else that of the supervisor's, which get returns.
func (p *Process) CommandPath(get func(name string) (string, bool)) string {
	for _, v := range p.Environment {
		if v.Name == "PATH" {
			return v.Value
		}
	}
	if path, ok := get("PATH"); ok {
		return path
	}
	return "/bin:/usr/bin:/usr/local/bin"
}

// Marks are the variables by which descendants of a process are recognised.
func (p *Process) Marks() []string {
	return []string{"SUPERVISOR_PROCESS_NAME=" + p.Name, "SUPERVISOR_GROUP_NAME=" + p.Group}
}
