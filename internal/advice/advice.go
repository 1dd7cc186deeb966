// Package advice is what to do about each family of errors: for `slipway help`, and for
// the page docs/reference/errors.md. It has text only. Errors themselves say what is wrong
// with which file; a family says how one finds out more, and what usually is the cause.
package advice

import (
	"slices"
	"strings"

	"slipway/internal/exit"
)

// Runs is the status of families that end nothing by themselves.
const Runs = -1

// Family is errors that have the same causes.
type Family struct {
	Name   string   // the word for slipway help
	Status int      // that slipway ends with; Runs: it goes on, or a program ends it
	Says   []string // one of them is in each message of the family
	Means  string   // what has happened
	Why    string   // what usually is the cause
	Do     []string
}

// Label is the status as people read it.
func (f Family) Label() string {
	if f.Status == Runs {
		return "none"
	}
	return exit.Row{Status: f.Status}.Label()
}

// Table returns all families, by status.
func Table() []Family {
	return slices.Concat(ofCommands(), ofValues(), ofMachine(), ofConfiguration(), ofPrograms())
}

// ofCommands are those of commands that talk to the supervisor, and of any command line.
func ofCommands() []Family {
	return []Family{
		{
			"no-such-name", exit.Failed, []string{"there is no such program", "there is no such process", "there is no such group", "it is a group", "does not describe it any more", "there is no such signal"},
			"A command names a program or group that the supervisor does not have.",
			"A slip of the pen, or a program of a group, whose name is GROUP:PROGRAM. A program that was added to the files is there after slipway update.",
			[]string{
				"slipway status lists the programs by the names that commands take; GROUP:* is all of a group.",
				"slipway reread says what the files have and the supervisor has not.",
				"slipway layers lists programs that are left out, and what leaves them out.",
			},
		},
		{
			"not-started", exit.Failed, []string{"cannot start ", "it was started, and ", "the process could not be started", "the process ended before it was running", "couldn't chdir", "can't find command", "cannot fork"},
			"A program was asked to start and did not come up: it could not be executed, or it ended before startsecs was over.",
			"What the program prints says it in most cases: a setting, a port that is taken, a folder that is not there.",
			[]string{
				"slipway tail PROGRAM, and slipway tail PROGRAM stderr, show its last lines.",
				"slipway status shows its exit status or signal.",
				"slipway enter PROGRAM -- COMMAND runs a command with its environment, user and folder.",
				"A program that ends well at once, by design: startsecs = 0, or type = oneshot.",
			},
		},
		{
			"not-well", exit.Failed, []string{"unhealthy", "not ready", "STARTING", "BACKOFF"},
			"healthcheck or status found a program that does not do its work, or not yet.",
			"It has just started, it waits for another, its ready or health probe fails, or it starts and ends again and again.",
			[]string{
				"slipway status says of each program what it waits for, or how it has ended.",
				"Ask the probe by hand: slipway wait -t 5s PROBE, with what stands behind ready = or health =.",
				"A program that needs longer than its probe gives it: ready_timeout, health_timeout, health_retries.",
			},
		},
		{
			"change-refused", exit.Failed, []string{"did not come back healthy", "cannot apply the change", "change refused", "the last change was refused", "taken back"},
			"Files were changed, a program did not come back healthy with them, and the former files were put back.",
			"A value that the template takes and the program does not.",
			[]string{
				"slipway render --diff shows the change that was refused; slipway tail PROGRAM what the program said of it.",
				"Mend the value: another input is tried at once. The same one again: slipway render --force.",
				"type, values and pattern in [env:NAME], or check = in [template:FILE], refuse it before anybody is told.",
			},
		},
		{
			"not-told", exit.Failed, []string{"cannot reload ", "cannot restart ", "cannot tell program", "cannot bring group ", "has not taken over"},
			"Files were changed, and a program could not be told. That stays owed, and is tried again.",
			"Its reload command fails, or the program does not run.",
			[]string{
				"slipway status says what is owed to whom, and why the last try has failed.",
				"slipway reload PROGRAM does it by hand. reload = in its section says how: signal HUP, command …, restart or none.",
				"Where a file of the configuration was rendered, slipway update brings the groups up to it by hand.",
			},
		},
		{
			"usage", exit.Usage, []string{
				"unknown flag", "unknown shorthand flag", "flag needs an argument", "invalid argument", " takes ", "needs to know", "cannot parse probe",
				"cannot complete for", "cannot read --", "cannot port", "there is no command", "there is no template", "does not take the word", "words after it", "goes with --explain",
			},
			"The command line is wrong. Nothing was done.",
			"An option of another command, a missing name, or options of the command that is run: they follow after --.",
			[]string{
				"slipway COMMAND --help lists what a command takes; slipway help lists the commands.",
				"slipway run -- COMMAND ARGUMENTS: what follows after -- is not slipway's.",
			},
		},
	}
}

// ofValues are those of values, templates and what they make.
func ofValues() []Family {
	return []Family{
		{
			"variable-not-set", exit.Data, []string{"is not set"},
			"A template reads a variable that no source has. All templates are tried before anything is written, so one report names all of them.",
			"It was not given to the container, or under another name.",
			[]string{
				"Set it: docker run -e NAME=value, env: of Kubernetes, or a line in /etc/slipway/env.d/NAME.env as a default of the image.",
				"Give a default where it is used: {{ .Env.NAME | default \"x\" }}, or in a section: [env:NAME] default = x.",
				"slipway env lists the variables that there are, and slipway inspect those that the image reads.",
			},
		},
		{
			"variable-required", exit.Data, []string{"cannot go on without"},
			"A section [env:NAME] says required = true, and no source has the variable; or slipway kv put would leave out a key that the image needs.",
			"The image asks for it, and the container was started without it.",
			[]string{
				"Set it, as its description says: slipway inspect lists what an image needs.",
				"A variable that may be absent: default = in its section, instead of required = true.",
			},
		},
		{
			"bad-value", exit.Data, []string{"cannot accept", "cannot make the default of", "cannot use the rule of"},
			"A variable is set, and is not what its [env:NAME] section says it must be.",
			"A slip of the pen, or a value from another source than was meant.",
			[]string{
				"The message has the place of the section, and what was expected.",
				"slipway env --explain NAME shows where the value is from, and what it has shadowed.",
			},
		},
		{
			"template", exit.Data, []string{"cannot render", "cannot read the template", "cannot bind the function"},
			"A template cannot be read or executed. The message shows the line and the place in it.",
			"A function that there is not, a value of another kind than a function takes, or a brace that is not closed.",
			[]string{
				"slipway check finds the same when the image is built, for all templates at once.",
				"The functions are in docs/reference/functions.md and slipway-functions(7).",
				"Templates of confd and dockerize call some functions otherwise: slipway port converts them.",
			},
		},
		{
			"key-not-there", exit.Data, []string{"there is no key", "cannot take key", "can never be there"},
			"A template reads a key that the store does not have, or that is outside of what is read of it; or slipway kv has a key that it cannot write.",
			"The key has another name, the prefix of [etcd] is another one, or the store was not read because it is optional.",
			[]string{
				"slipway kv get lists the keys that there are.",
				"A key that may be absent: {{ kvOr \"key\" \"default\" }}.",
				"Keys without a slash in front are relative to the first prefix of [etcd].",
			},
		},
		{
			"peer-not-found", exit.Data, []string{"cannot find peer"},
			"A section [link:NAME] says required = true, and no source knows where the peer is. The message lists what was tried.",
			"The peer is not on the network of this container, or has another name there.",
			[]string{
				"slipway links shows the peers that are known, and how each was found.",
				"Say where it is: NAME_HOST and NAME_PORT, or NAME_URL, as variables. Or host = in the section, if it has another name in DNS.",
				"Docker: both containers on one user-defined network. Kubernetes: a service of that name in the namespace.",
			},
		},
		{
			"values-file", exit.Data, []string{
				"expected NAME=value", "cannot read env file", "cannot use env_file", "cannot find env_file", "cannot take variables from", "cannot make a variable of", "cannot make variable",
				"cannot read credentials", "is that already", "changes faster", "cannot read the fixtures", "cannot take the secret file", "cannot read the contract", "cannot read stdin",
				"expected a folder, or a file",
			},
			"A file that values are read from cannot be read, or has a line that is no value.",
			"An env file is NAME=value lines, and no shell script. A secret that NAME_FILE names has to be readable for the user that slipway runs as.",
			[]string{
				"The message has file, line and what was expected.",
				"slipway env shows what has been read, with the file and line of each value.",
			},
		},
		{
			"check-failed", exit.Data, []string{"cannot commit"},
			"The check of a rendered file has refused it. Nothing was written, and programs run on with the former files.",
			"A value that the template takes, and the program that reads the file would not.",
			[]string{
				"Below the message is what the check has printed.",
				"slipway render --diff shows what would have been written.",
			},
		},
	}
}

// ofMachine are those of what slipway needs around it: stores, the supervisor, files, time.
func ofMachine() []Family {
	return []Family{
		{
			"store-not-available", exit.Unavailable, []string{
				"cannot read source", "cannot find source", "cannot write by source", "etcd at", "cannot use a former snapshot", "cannot keep the values of", "cannot read keys", "cannot read the request", "cannot speak this version",
			},
			"A source of values, such as etcd, does not answer, or a program slipway-source-NAME has failed.",
			"It is down, it cannot be reached from here, or it refuses the user or certificate.",
			[]string{
				"See whether it runs, and can be reached from here: slipway wait tcp://HOST:PORT.",
				"A source that may be absent: start = optional in its section. With start = cached the values of the last good start are taken.",
				"slipway status --sources says how it stands with each source while the container runs.",
			},
		},
		{
			"no-supervisor", exit.Unavailable, []string{
				"cannot reach the supervisor", "cannot trust the supervisor", "cannot tell who the supervisor is", "control connection", "without a supervisor", "cannot tell the environment of programs", "cannot connect to the supervisor",
			},
			"A command finds no supervisor at the control socket, or may not talk to it.",
			"It runs in another container, as another user, or with another runtime folder.",
			[]string{
				"Run the command in the container: docker exec CONTAINER slipway status. As another user than slipway's, only root may.",
				"--socket or SLIPWAY_CONTROL name another control socket; [slipway] runtime is the folder that it lies in.",
			},
		},
		{
			"internal", exit.Internal, []string{
				"this is a defect", "panic", "cannot read frame", "cannot read value", "boot snapshot", "epoll", "event descriptor", "cannot list the open descriptors", "cannot keep descriptor", "cannot hand ", "as JSON", "cannot finish the start", "cannot start the supervisor", "cannot raise", "cannot keep programs of the same user",
			},
			"slipway itself failed, or the kernel does not have what it needs.",
			"A defect. A few of these have a cause outside: a seccomp profile that forbids a call, or /proc that is not mounted.",
			[]string{
				"Please report it with the message and the version: slipway version.",
				"Programs are not lost to a defect of one request: the supervisor goes on where it can.",
			},
		},
		{
			"no-tasks", exit.NoTasks, []string{"makes no more processes and threads", "processes and threads of the"},
			"The system makes no more processes and threads, of which a start takes thirteen.",
			"The limit of the container (--pids-limit, pids.max) or of the user (ulimit -u) is reached.",
			[]string{
				"Raise the limit, or see what has started so many: ps -eLf.",
				"A program that cannot be forked at the limit is tried again by itself.",
			},
		},
		{
			"cannot-write", exit.CannotWrite, []string{"cannot write", "cannot look into"},
			"A target cannot be written. Those that were there are unchanged.",
			"Its folder is not there, is read-only, or belongs to another user than slipway runs as.",
			[]string{
				"The message names the file, and the user that slipway runs as.",
				"A read-only root needs a volume or tmpfs for the folder of the target. A random user needs a folder that its group may write to: docs/how-to/read-only.md, docs/how-to/any-user.md.",
				"A folder that is missing is made with parents = true in the section of the template.",
			},
		},
		{
			"state", exit.CannotWrite, []string{
				"cannot read the manifest", "cannot go back", "cannot lock", "cannot put back", "journal", "cannot roll back", "generation", "aside, remove it by hand", "cannot remove ", "cannot keep that rendering", "cannot keep the former files",
				"cannot remember that", "what an earlier run left",
			},
			"What slipway remembers of earlier renders, in its runtime folder, cannot be read or written: the manifest, the journal of a change, or the generations for a rollback.",
			"The folder is full, read-only or on a volume that two containers share; or somebody has edited it.",
			[]string{
				"The message names the file. A generation or manifest that is of no use can be removed: only what it remembered is lost.",
				"[slipway] runtime names another folder. keep says how many generations are kept.",
				"Two renders at once wait for each other. A lock that is held for long is another slipway render: see ps -e.",
			},
		},
		{
			"deadline", exit.Deadline, []string{"it took too long", "last answer", "cannot reach peer", "no answer in time", "deadline exceeded"},
			"What was waited for did not come in time. The message names it, and its last answer.",
			"The peer starts more slowly than was thought, or listens elsewhere.",
			[]string{
				"A peer: wait = in its [link:NAME] section is how long. A command: --timeout.",
				"See the log of the peer: a connection that is refused is another thing than one that is not answered.",
			},
		},
	}
}

// ofConfiguration are those of the configuration.
func ofConfiguration() []Family {
	return []Family{
		{
			"configuration", exit.Config, []string{"cannot parse", "cannot mask", "cannot unmask", "cannot find a folder for a mask", "cannot find a section", "cannot read the configuration", "cannot read "},
			"A file of the configuration has a mistake, or cannot be read. All mistakes of all files are reported at once, each with file and line.",
			"A word that the key does not take, or a line without a delimiter.",
			[]string{
				"Keys and sections are in docs/reference/configuration.md and slipway.conf(5).",
				"slipway layers shows which file has set a key, and which others it has overridden.",
				"RUN slipway check in the Dockerfile finds it when the image is built.",
			},
		},
		{
			"order", exit.Config, []string{"got the circle", "cannot order programs"},
			"Programs wait for each other in a circle, so that none of them could start.",
			"depends_on in both directions, often over a third program or by a file of another layer.",
			[]string{
				"The message has the circle. Remove the key of the program that can do without.",
				"slipway layers program:NAME shows which file has set depends_on.",
			},
		},
		{
			"no-program", exit.Config, []string{"cannot find a program to run", "cannot find anything to check"},
			"No file that was read has a section [program:NAME], so the container has nothing to do.",
			"The file has another name than *.conf, lies elsewhere, or a volume hides it.",
			[]string{
				"The message lists the folders. Files must end in .conf, and be readable for the user that slipway runs as.",
				"Is a volume mounted over /etc/slipway/conf.d? It hides what the image has there.",
				"A command alone needs no file: slipway run -- COMMAND.",
			},
		},
		{
			"user", exit.Config, []string{"name or number of a user", "name or number of a group", "cannot become user", "cannot become that"},
			"user = or group = names somebody that the machine does not have, or that slipway may not become.",
			"The image lacks the account, or the container runs as another user than root, who cannot become anybody else.",
			[]string{
				"Add it in the image: RUN useradd --system NAME. A number needs no account.",
				"In a container that does not run as root, leave user out: docs/how-to/any-user.md.",
			},
		},
		{
			"not-reread", exit.Config, []string{"the running one stays", "the running one is kept"},
			"reread, update or a signal HUP found a mistake in the configuration. Nothing was changed.",
			"The same as for configuration.",
			[]string{
				"slipway check finds every mistake. slipway update takes the files over when there is none.",
			},
		},
		{
			"not-executable", exit.NotExecutable, []string{"permission denied", "cannot execute", "its mode is", "cannot enter", "exec format error"},
			"A command is there and cannot be executed.",
			"Its mode lacks x, its interpreter is not in the image, or it is for another architecture.",
			[]string{
				"Its mode must have x: RUN chmod +x FILE, or COPY --chmod=755.",
				"The interpreter of its first line must be in the image, and lines may not end in \\r.",
				"Its architecture must be that of the machine: file FILE says which it is.",
			},
		},
		{
			"not-found", exit.NotFound, []string{"not found in PATH", "cannot execute", "nor an executable on PATH", "cannot find a shell", "cannot find the supervisor"},
			"A command is not there. It is looked for before anything is written.",
			"The package is not in the image, its folder is not on PATH, or the word is a slip of the pen.",
			[]string{
				"The message has the PATH. environment = in the section of the program may have replaced it.",
				"Commands run without a shell: what only a shell knows needs sh -c \"…\".",
			},
		},
		{
			"ended-by-signal", exit.Signalled, []string{"ended by signal", "killed by the memory limit", "the memory limit has killed", "terminated by SIG"},
			"The status is 128 and the number of a signal: 137 is KILL, 143 TERM, 139 SEGV. The program that ended the container was ended by that signal, or the start was.",
			"The limit of memory (137), docker stop whose time was over (137), or a defect of the program (139, 134).",
			[]string{
				"The log has the program and the signal, and says if it was the limit of memory.",
				"A stop that takes longer than docker stop waits: docs/how-to/stop.md.",
			},
		},
	}
}

// ofPrograms are those that a container goes on with, or that a program ends it with.
func ofPrograms() []Family {
	return []Family{
		{
			"given-up", Runs, []string{"entered FATAL state", "cannot be kept up", "Exited too quickly", "exited too quickly", "gave up"},
			"A program was started as often as startretries allows, and ended each time before startsecs was over. The container then ends with the status of the program.",
			"The program says it in its output. A script that goes to the background ends at once, too.",
			[]string{
				"slipway run --explain shows the command as it is executed, its user and what it waits for.",
				"on_fatal = ignore in [slipway] lets the container go on without it, so that one can look: slipway tail, slipway enter.",
				"A peer that is not there yet: depends_on, [link:NAME] wait, or more startretries.",
			},
		},
		{
			"cannot-listen", Runs, []string{"cannot listen at", "cannot start the HTTP server", "cannot wait for connections", "cannot see who is connected", "cannot serve another client", "address already in use", "cannot change [socket:"},
			"A socket of [socket:NAME], or of an HTTP server, cannot be opened. The log says why.",
			"Another process has the port, its number is below 1024 and the user is not root, or the folder of a unix socket is not there.",
			[]string{
				"See who has it: ss -ltnp. With the network of the host it may be any process of the host.",
				"Ports below 1024 need root, or sysctl net.ipv4.ip_unprivileged_port_start=0 (docker's default).",
			},
		},
		{
			"control-socket", Runs, []string{"is the control socket of", "nowhere to listen for slipway status", "somebody has removed the socket"},
			"The control socket, by which slipway status and the other commands reach the supervisor, is not where it is looked for. Programs run all the same.",
			"A second slipway runs with the runtime folder of the first, or the folder cannot be written.",
			[]string{
				"A supervisor in a container that has one already: SLIPWAY_RUNTIME=/run/second for it, and for the commands that are meant for it.",
				"A command for a container goes into that container: docker exec CONTAINER slipway status.",
				"Where the folder cannot be written, mount something at /run/slipway: docs/how-to/read-only.md.",
			},
		},
		{
			"stop-budget", Runs, []string{"stop_budget is used up", "killing '"},
			"A program did not end in the time that it had for a stop, and was killed.",
			"It does not know the signal, or it needs longer. A shell as its parent does not pass the signal on.",
			[]string{
				"stopsignal = QUIT, or what it knows; a script starts the program with exec.",
				"More time for one: stopwaitsecs. For all: stop_budget of [slipway], and with it docker stop -t or terminationGracePeriodSeconds.",
				"docs/how-to/stop.md has the order, and who waits how long.",
			},
		},
		{
			"clock", Runs, []string{"the clock has jumped by"},
			"A note: the clock of the machine was set, or the machine slept.",
			"A laptop or a virtual machine that was suspended, or a time server that has put the clock right.",
			[]string{
				"Nothing: startsecs, pauses and budgets are measured by a clock that does not jump. A schedule goes by the new time.",
			},
		},
		{
			"http-server", Runs, []string{"the HTTP server has ended", "the HTTP server does not answer"},
			"The process that serves the web page, XML-RPC and metrics has ended, and is started again. Programs are not concerned.",
			"The container has no memory left, or somebody has killed it.",
			[]string{
				"Look for the memory limit: docker stats, or memory.events of the control group.",
				"The log has its last lines in front of the message. Ended again and again, it is a defect: please report it with them.",
			},
		},
		{
			"events-lost", Runs, []string{"event buffer overflowed"},
			"An event listener is slower than the events come, and the oldest one was dropped.",
			"The listener does not read, does not answer with RESULT, or asks for more kinds of events than it needs.",
			[]string{
				"A larger buffer_size in its [eventlistener:NAME], or numprocs for several of it.",
				"slipway tail LISTENER stderr shows what it says.",
			},
		},
		{
			"not-followed", Runs, []string{
				"cannot render again", "cannot read the sources again", "everything stays as it is", "cannot watch files", "cannot start the watcher", "cannot give programs their new variables", "cannot wait at little cost",
				"cannot read what the watcher", "the watcher has ended", "have not been rendered again", "cannot look up", "cannot read what was waited for", "cannot keep the change",
			},
			"A value has changed while the container runs, and could not be taken over. Files and programs stay as they are, and it is tried again.",
			"The new value is one that a start would refuse, too; the message has the cause.",
			[]string{
				"slipway render does the same at once, and says all that is wrong.",
				"slipway status names since when files have not been rendered, and slipway status --sources the sources without contact.",
			},
		},
		{
			"unknown-word", Runs, []string{"is not known and has no effect"},
			"A note: a section or key means nothing to slipway. It is left out, as Supervisor does with it.",
			"A slip of the pen, a key of another section, or of a newer version.",
			[]string{
				"The hint has the word that is like it. docs/reference/configuration.md lists all keys by section.",
				"slipway check says it as well, so that a build can look for it: slipway check --output json has it under notes.",
			},
		},
		{
			"logs", Runs, []string{"log file", "log directory", "bytes lost", "dropped from now on", "no space left on device", "bytes of its output were lost", "cannot compress", "cannot look at the file", "cannot tell "},
			"Output of a program, or a word to somebody else, could not be written where it should go. The program runs on.",
			"The disk is full, the folder is read-only or not there, or who reads the container's output does not read.",
			[]string{
				"slipway status shows how many bytes of a program were lost.",
				"stdout_logfile = /dev/stdout needs no disk; stdout_logfile_maxbytes bounds a file.",
				"slipway reopen opens the files anew after they were moved.",
			},
		},
	}
}

// Find gives the families that a word of `slipway help` means: one by its name, those of
// a status, or those that the text of a message belongs to.
func Find(text string) []Family {
	var found []Family
	for _, f := range Table() {
		if f.Name == text || f.Status != Runs && text == f.Label() {
			found = append(found, f)
		}
	}
	if len(found) > 0 || !strings.Contains(text, " ") {
		return found
	}
	return ofMessage(text)
}

// ofMessage are the families of a message. What ends with a blank is how messages of many
// families begin, and counts only where nothing else is in the message.
func ofMessage(text string) []Family {
	var found, vague []Family
	for _, f := range Table() {
		matches := func(says string) bool { return strings.Contains(text, says) }
		i := slices.IndexFunc(f.Says, func(says string) bool { return !strings.HasSuffix(says, " ") && matches(says) })
		switch {
		case i >= 0:
			found = append(found, f)
		case slices.ContainsFunc(f.Says, matches):
			vague = append(vague, f)
		}
	}
	if len(found) == 0 {
		return vague
	}
	return found
}

// Of is the family of a message that slipway ends with a status for: the one whose words are
// the longest in it. There is none for a text that is no message of errors.
func Of(text string, status int) (best Family, ok bool) {
	most := 0
	for _, f := range ofMessage(text) {
		for _, says := range f.Says {
			if f.Status == status && len(says) > most && strings.Contains(text, says) {
				best, most = f, len(says)
			}
		}
	}
	return best, most > 0
}
