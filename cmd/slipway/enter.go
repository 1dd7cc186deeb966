package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type enterOptions struct {
	controlOptions
	command []string // none: a shell
}

func newEnter(a *app) *cobra.Command {
	var o enterOptions
	c := &cobra.Command{
		Use: "enter PROGRAM [-- COMMAND ARGUMENTS...]", Short: "Run a command, or a shell, as a program would run", GroupID: groupControl,
		Long: `Become a COMMAND, or a shell, with what the supervisor gives a program: its environment
with the secrets that it gets, its user and groups, directory and umask, and the limits of
minfds and minprocs. What is set for a program alone (limit_…, nice, ionice, cpu_affinity,
oom_score_adj, capabilities, no_new_privs) the command does not have. The program itself
need not run. Signals and the exit status are the command's own.

The values are those that the container started with; the settings of the program are
those of the configuration files as they are now, as slipway update would take them over.
On a terminal TERM is the present one, unless the program has its own.`,
		Example: "  docker exec -it CONTAINER slipway enter webapp\n  slipway enter webapp -- psql -c 'select 1'",
		RunE: func(c *cobra.Command, args []string) error {
			dash := c.ArgsLenAtDash()
			if len(args) == 0 || dash == 0 {
				return usage("slipway status lists the programs", "slipway enter takes the name of a program")
			}
			if dash > 1 || dash < 0 && len(args) > 1 {
				return usage("a command follows after --: slipway enter "+args[0]+" -- "+strings.Join(args[1:], " "), "slipway enter takes one program, got %q too", args[1])
			}
			o.command = args[1:]
			return runEnter(c.Context(), a, o, args[0])
		},
	}
	o.flags(c)
	exits(c, exit.OK, exit.Failed, exit.Usage, exit.Unavailable, exit.Config, exit.NotExecutable, exit.NotFound, exit.Signalled)
	names := o.completeNames(a)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return names(c, args, word)
	}
	return c
}

func runEnter(ctx context.Context, a *app, o enterOptions, name string) error {
	var s supervisor
	err := o.with(ctx, a, func(c client.Caller) (err error) {
		s, err = askSupervisor(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	p, err := findProgram(s.processes, name)
	if err != nil {
		return err
	}
	refused := func(err error, hint string) error {
		return &coded{exit.NotExecutable, fmt.Errorf("cannot enter %s: %w", name, err), hint}
	}
	who, err := launch.ReadIdentity(s.listener.PID, s.listener.UID, s.listener.GID)
	if err != nil {
		return refused(err, "")
	}
	// What is relative is so to the supervisor's folder. Without the right to look, this
	// one has to do: docker exec starts in the folder that the container started in.
	_ = os.Chdir("/proc/" + strconv.Itoa(s.listener.PID) + "/cwd")
	im, err := launch.Resume(s.snapshot, s.mode == "supervisord")
	if err != nil {
		return err
	}
	process, ok := im.Process(p.Group, p.Name)
	if !ok {
		return &coded{exit.Config, fmt.Errorf("cannot enter %s: the configuration does not describe it any more", name), "slipway reread says what differs"}
	}
	if who, err = im.IdentityOf(process, who); err != nil {
		return refused(err, "the program cannot start either; run the container as root, or as that user")
	}
	if me := os.Geteuid(); me != who.UID && me != 0 {
		return refused(fmt.Errorf("it runs as uid %d, and uid %d cannot become that", who.UID, me), "docker exec -u 0 runs slipway as root")
	}
	env := im.EnvironOf(process)
	if term := a.getenv("TERM"); term != "" && isTerminal(a.stdout) && environValue(env, "TERM") == "" {
		env = append(env, "TERM="+term)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := who.Assume(); err != nil {
		return refused(err, "the program cannot start there either: see its user and directory, slipway layers shows where they are from")
	}
	argv, path, err := enterCommand(o.command, environValue(env, "PATH"))
	if err != nil {
		return err
	}
	if err := a.execute(ctx, handoff.Exec{Path: path, Argv: argv, Env: env, Foreign: true}); err != nil {
		return &coded{exit.NotExecutable, err, ""}
	}
	return nil
}

// supervisor is what enter has to know of the running one.
type supervisor struct {
	listener  client.Listener
	processes []control.ProcessInfo
	mode      string
	snapshot  handoff.Snapshot
}

func askSupervisor(ctx context.Context, c client.Caller) (s supervisor, err error) {
	asked, ok := c.(*client.Client)
	if !ok {
		return s, errors.New("cannot tell who the supervisor is")
	}
	if s.listener, err = asked.Listener(); err != nil {
		return s, err
	}
	if s.processes, err = client.Processes(ctx, c); err != nil {
		return s, failed("list the programs of", "the supervisor", err)
	}
	info, err := client.Info(ctx, c)
	if err != nil {
		return s, failed("ask", "the supervisor", err)
	}
	s.mode = info.Mode
	text, err := bootText(ctx, c)
	if err != nil {
		return s, err
	}
	if text == "" {
		return s, &coded{
			exit.Unavailable, errors.New("cannot tell the environment of programs: the supervisor has no record of the start"),
			"it was not started by slipway or supervisord, or the kernel has no memfd_create",
		}
	}
	s.snapshot, err = handoff.Decode([]byte(text))
	return s, err
}

// findProgram returns the one process that a word means.
func findProgram(all []control.ProcessInfo, word string) (control.ProcessInfo, error) {
	t := targetOf(word)
	var names, members []string
	for _, p := range all {
		if t.group == "" && !t.all && t.matches(p) {
			return p, nil
		}
		names = append(names, p.FullName())
		if p.Group == word || p.Group == t.group {
			members = append(members, p.FullName())
		}
	}
	if len(members) > 0 {
		return control.ProcessInfo{}, usage("name one of "+strings.Join(members, ", "), "cannot enter %s: it is a group", word)
	}
	return control.ProcessInfo{}, &coded{exit.Failed, fmt.Errorf("cannot enter %s: there is no such program", word), didYouMean(word, "slipway status lists the programs", names)}
}

// enterCommand finds the command, or a shell where none is given.
func enterCommand(command []string, path string) (argv []string, file string, err error) {
	if len(command) > 0 {
		file, err = launch.LookPath(command[0], path)
		return command, file, err
	}
	for _, shell := range []string{"bash", "sh"} {
		if file, err = launch.LookPath(shell, path); err == nil {
			return []string{shell}, file, nil
		}
	}
	return nil, "", &coded{exit.NotFound, fmt.Errorf("cannot find a shell: %w", err), "name a command after --, such as slipway enter PROGRAM -- /app --version"}
}

// environValue is the value of a variable in a list without doubles.
func environValue(environ []string, name string) string {
	i := slices.IndexFunc(environ, func(e string) bool { return strings.HasPrefix(e, name+"=") })
	if i < 0 {
		return ""
	}
	return environ[i][len(name)+1:]
}
