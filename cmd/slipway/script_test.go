package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The command line is tested as one: every script of testdata/script runs the
// real main function under the names that an image knows it by.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"slipway":       main,
		"slipway-init":  main,
		"supervisord":   main,
		"supervisorctl": main,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "C.UTF-8")
			e.Setenv("USER", strconv.Itoa(os.Getuid()))
			// The default belongs to the machine: a supervisor of another test may be there.
			e.Setenv("SLIPWAY_RUNTIME", filepath.Join(e.WorkDir, ".runtime"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "rootuser" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"expand": expand,
		},
	})
}

// status N COMMAND ARGUMENTS... runs a command that must end with status N. Its
// output is there for stdout and stderr, as after exec.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("status: %v", err)
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("cannot run %s: %v", strings.Join(args[1:], " "), err)
	}
	if got != want {
		ts.Fatalf("%s: exit status = %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// expand FILE... replaces $WORK and other variables in files: a configuration
// cannot name its folder otherwise.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand file...")
	}
	for _, name := range args {
		file := ts.MkAbs(name)
		if err := os.WriteFile(file, []byte(os.Expand(ts.ReadFile(name), ts.Getenv)), 0o644); err != nil {
			ts.Fatalf("%v", err)
		}
	}
}
