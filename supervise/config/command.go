package config

// IsCalled reports whether a name means the process: its program, its group, or itself.
func (p *Process) IsCalled(name string) bool {
	return name == p.Program || name == p.Group || name == p.Group+":"+p.Name
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
