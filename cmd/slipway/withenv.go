package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/sources/envfile"
	"slipway/supervise/boot"
)

func newWithEnv(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "with-env -- PATH COMMAND ARGUMENTS...", Short: "Become a program, with the variables of files", Hidden: true, Args: atLeast(2),
		Long: `Become the program at PATH, called COMMAND, with the variables of the files in
$SLIPWAY_ENV_FILES. The supervisor starts programs with the key env_file so.`,
		RunE: func(c *cobra.Command, args []string) error { return runWithEnv(c.Context(), a, args) },
	}
	exits(c, exit.OK, exit.Usage, exit.Config, exit.NotExecutable)
	return c
}

func runWithEnv(ctx context.Context, a *app, args []string) error {
	env, err := withFiles(a.env, strings.Split(a.getenv(boot.EnvFiles), "\n"), strings.Split(a.getenv(boot.EnvKeep), ","))
	if err != nil {
		return &coded{exit.Config, err, ""}
	}
	return a.execute(ctx, handoff.Exec{Path: args[0], Argv: args[1:], Env: env, Foreign: true, Files: true})
}

// withFiles lays the variables of files over an environment, but for those that are kept.
func withFiles(env, files, keep []string) ([]string, error) {
	env = boot.Without(env, boot.EnvFiles, boot.EnvKeep)
	var errs []error
	for _, file := range files {
		path, optional := strings.CutPrefix(file, "-")
		layer, _, err := envfile.Read(path)
		switch {
		case optional && errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			errs = append(errs, fmt.Errorf("cannot use env_file %s: %w", path, err))
			continue
		}
		for _, v := range layer.Vars {
			if !slices.Contains(keep, v.Name) {
				env = append(boot.Without(env, v.Name), v.Name+"="+v.Value.Text)
			}
		}
	}
	return env, errors.Join(errs...)
}
