package config

import "strings"

// FindCommand is where the file of a command is, by Supervisor's rule: a word without a
// slash is the first file of that name in the folders of path, executable or not. An
// empty folder is none.
func FindCommand(word, path string, exists func(file string) bool) (file string, found bool) {
	if strings.Contains(word, "/") {
		return word, exists(word)
	}
	for _, dir := range strings.Split(path, ":") {
		if file := dir + "/" + word; dir != "" && exists(file) {
			return file, true
		}
	}
	return word, false
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
