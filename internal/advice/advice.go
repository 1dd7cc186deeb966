// Package advice is what to do about each family of errors: for `slipway help`, and for
// the page docs/reference/errors.md. It has text only. Errors themselves say what is wrong
// with which file; a family says how one finds out more, and what usually is the cause.
package advice

import (
	"strings"

	"slipway/internal/exit"
)

// Family is errors that have the same causes.
type Family struct {
	Name   string // the word for slipway help
	Status int    // that slipway ends with
	Says   string // what each message of the family has in it
	Means  string
	Do     []string
}

// Table returns all families, by status.
func Table() []Family {
	return []Family{
		{
			"variable-not-set", exit.Data, "is not set",
			"A template reads a variable that no source has. All templates are tried before anything is written, so one report names all of them.",
			[]string{
				"Set it: docker run -e NAME=value, env: of Kubernetes, or a line in /etc/slipway/env.d/NAME.env as a default of the image.",
				"Give a default where it is used: {{ .Env.NAME | default \"x\" }}, or in a section: [env:NAME] default = x.",
				"slipway env lists the variables that there are, and slipway inspect those that the image reads.",
			},
		},
		{
			"bad-value", exit.Data, "cannot accept",
			"A variable is set, and is not what its [env:NAME] section says it must be.",
			[]string{
				"The message has the place of the section, and what was expected.",
				"slipway env --explain NAME shows where the value is from, and what it has shadowed.",
			},
		},
		{
			"template", exit.Data, "cannot render",
			"A template cannot be read or executed. The message shows the line and the place in it.",
			[]string{
				"slipway check finds the same when the image is built, for all templates at once.",
				"The functions are in docs/reference/functions.md and slipway-functions(7).",
				"Templates of confd and dockerize call some functions otherwise: slipway port converts them.",
			},
		},
		{
			"check-failed", exit.Data, "cannot commit",
			"The check of a rendered file has refused it. Nothing was written, and programs run on with the former files.",
			[]string{
				"Below the message is what the check has printed.",
				"slipway render --diff shows what would have been written.",
			},
		},
		{
			"unavailable", exit.Unavailable, "cannot reach",
			"A source of values, such as etcd, or the supervisor of a running container does not answer.",
			[]string{
				"See whether it runs, and can be reached from here: slipway wait tcp://HOST:PORT.",
				"A source that may be absent: start = optional in its section. The start then goes on without its values.",
				"For a supervisor: the command has to run in its container, or --socket has to name its control socket.",
			},
		},
		{
			"cannot-write", exit.CannotWrite, "cannot write",
			"A target cannot be written. Those that were there are unchanged.",
			[]string{
				"The message names the file, and the user that slipway runs as.",
				"A read-only root needs a volume or tmpfs for the folder of the target. A random user needs a folder that its group may write to: docs/how-to/read-only.md.",
				"A folder that is missing is made with parents = true in the section of the template.",
			},
		},
		{
			"deadline", exit.Deadline, "deadline exceeded",
			"What was waited for did not come in time. The message names it, and its last answer.",
			[]string{
				"A peer: wait = in its [link:NAME] section is how long. A command: --timeout.",
				"See the log of the peer: a connection that is refused is another thing than one that is not answered.",
			},
		},
		{
			"configuration", exit.Config, "cannot parse",
			"A file of the configuration has a mistake. All mistakes of all files are reported at once, each with file and line.",
			[]string{
				"Keys and sections are in docs/reference/configuration.md and slipway.conf(5).",
				"slipway layers shows which file has set a key, and which others it has overridden.",
				"RUN slipway check in the Dockerfile finds it when the image is built.",
			},
		},
		{
			"no-program", exit.Config, "cannot find a program to run",
			"No file that was read has a section [program:NAME], so the container has nothing to do.",
			[]string{
				"The message lists the folders. Files must end in .conf, and be readable for the user that slipway runs as.",
				"Is a volume mounted over /etc/slipway/conf.d? It hides what the image has there.",
				"A command alone needs no file: slipway run -- COMMAND.",
			},
		},
		{
			"not-executable", exit.NotExecutable, "permission denied",
			"A command is there and cannot be executed.",
			[]string{
				"Its mode must have x: RUN chmod +x FILE, or COPY --chmod=755.",
				"The interpreter of its first line must be in the image, and lines may not end in \\r.",
				"Its architecture must be that of the machine: file FILE says which it is.",
			},
		},
		{
			"not-found", exit.NotFound, "not found in PATH",
			"A command is not there. It is looked for before anything is written.",
			[]string{
				"The message has the PATH. environment = in the section of the program may have replaced it.",
				"Commands run without a shell: what only a shell knows needs sh -c \"…\".",
			},
		},
	}
}

// Find gives the families that a word of `slipway help` means: one by its name, those of
// a status, or those that the text of a message belongs to.
func Find(text string) []Family {
	var found []Family
	for _, f := range Table() {
		if f.Name == text || text == (exit.Row{Status: f.Status}).Label() {
			found = append(found, f)
		}
	}
	if len(found) > 0 || !strings.Contains(text, " ") {
		return found
	}
	for _, f := range Table() {
		if strings.Contains(text, f.Says) {
			found = append(found, f)
		}
	}
	return found
}
