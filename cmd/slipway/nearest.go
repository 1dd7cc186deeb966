package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/sources"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// didYouMean is the hint for a word that is none of those that there are: the one that is
// like it, else what is said otherwise.
func didYouMean(word, otherwise string, candidates []string) string {
	if near := sources.Nearest(word, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}

// commandWords are the commands that people type.
func commandWords() []string {
	words := []string{"help"}
	for _, e := range registry() {
		if c := e.make(newApp()); !c.Hidden {
			words = append(words, e.word)
		}
	}
	return words
}

// flagError says what is wrong with an option. One that there is not may be like one that
// there is.
func flagError(c *cobra.Command, err error) error {
	hint := c.CommandPath() + " --help lists the options"
	var unknown interface {
		error
		GetSpecifiedName() string
		GetSpecifiedShortnames() string // of -x
	}
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		for _, word := range strings.Fields(c.Flags().FlagUsages()) {
			if strings.HasPrefix(word, "--") {
				names = append(names, word)
			}
		}
		hint = didYouMean("--"+unknown.GetSpecifiedName(), hint, names)
	}
	return usage(hint, "%v", err)
}

// namesOf are the words by which processes can be named.
func namesOf(all []control.ProcessInfo) []string {
	var names []string
	for _, p := range all {
		names = append(names, p.FullName())
		if p.Group != p.Name && !slices.Contains(names, p.Group+":*") {
			names = append(names, p.Group+":*")
		}
	}
	return names
}

// noSuch is the hint for a name that no process has.
func noSuch(name string, all []control.ProcessInfo) string {
	for _, p := range all {
		if p.Group == name {
			return name + " is a group: " + name + ":* means all of its programs"
		}
		if p.Name == name {
			return "did you mean " + p.FullName() + "?"
		}
	}
	return didYouMean(name, "slipway status lists the programs", namesOf(all))
}

// failedOn is failed for a name that somebody has typed: if there is none, it says which one
// is like it. With groups it is the name of a group.
func failedOn(ctx context.Context, c client.Caller, verb, name string, groups bool, err error) error {
	said := failed(verb, name, err)
	var code *coded
	if !errors.Is(err, &control.Fault{Code: control.BadName}) || !errors.As(said, &code) {
		return said
	}
	if groups {
		code.hint = didYouMean(name, "slipway status lists the programs, each with its group", groupsOf(ctx, c))
	} else if all, listErr := client.Processes(ctx, c); listErr == nil {
		code.hint = noSuch(strings.TrimSuffix(name, ":*"), all)
	}
	return said
}

// groupsOf are the groups that are active or configured, as far as they can be known.
func groupsOf(ctx context.Context, c client.Caller) []string {
	var names []string
	all, _ := client.Configs(ctx, c) // without it there is one hint less
	for _, p := range all {
		names = append(names, p.Group)
	}
	return names
}
