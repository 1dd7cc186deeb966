package main

import "github.com/spf13/cobra"

// registry lists the commands, in the order in which help shows them.
func registry(a *app) []*cobra.Command {
	cs := []*cobra.Command{
		newRun(a), newExec(a), newRender(a),
		newCheck(a), newInspect(a), newEnv(a), newLinks(a), newLayers(a), newTemplates(a),
		newStatus(a),
	}
	for _, v := range verbs() {
		cs = append(cs, newPrograms(a, v))
	}
	return append(cs,
		newSignal(a), newTail(a), newFollow(a), newEvents(a),
		newReread(a), newUpdate(a), newAdd(a), newRemove(a), newShutdown(a), newHealthcheck(a),
		newServe(a), newServe(a), newWait(a), newCompletion(a), newVersion(a),
	)
}
