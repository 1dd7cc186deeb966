package main

import (
	"github.com/spf13/cobra"

	"slipway/supervise/boot"
	"slipway/supervise/control/surface"
)

// entry is a command: its word, and what builds it.
type entry struct {
	word string
	make func(*app) *cobra.Command
}

// registry lists the commands: those with code of their own, and the verbs of the
// operations. Building all of them costs a millisecond, so the start of a container builds only its own.
func registry() []entry {
	list := []entry{
		{"run", newRun}, {"exec", newExec}, {"init", newInit}, {"render", newRender},
		{"check", newCheck}, {"inspect", newInspect}, {"env", newEnv}, {"links", newLinks},
		{"layers", newLayers}, {"mask", newMask}, {"unmask", newUnmask}, {"templates", newTemplates}, {"port", newPort}, {"kv", newKV},
		{"status", newStatus},
	}
	for _, op := range surface.Verbs() {
		list = append(list, entry{op.Verb.Word, func(a *app) *cobra.Command { return newOperation(a, op) }})
	}
	return append(list, []entry{
		{"enter", newEnter}, {"tail", newTail}, {"follow", newFollow}, {"events", newEvents},
		{"reread", newReread}, {"update", newUpdate},
		{"shutdown", newShutdown}, {"healthcheck", newHealthcheck},
		{"serve", newServe}, {"watch", newWatch}, {"probe", newProbe}, {boot.WithEnv, newWithEnv}, {boot.Compress, newCompress}, {"wait", newWait}, {"completion", newCompletion}, {"version", newVersion},
	}...)
}

// known reports whether a word is a command, cobra's own included.
func known(word string) bool {
	switch word {
	case "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return true
	}
	for _, e := range registry() {
		if e.word == word {
			return true
		}
	}
	return false
}
