// Package launch is the stage between the execve of the entrypoint and that of
// the supervisor: it reads what is known, renders, and hands over.
//
// It is a line of values. Each step makes the next value of the one before, which
// stays as it is:
//
//	Document   the configuration as it is written (document.go)
//	gathered   what all sources gave; the environment was captured and is never read again (gather.go)
//	merged     the layers laid over each other: one merge, one look for links, one taint (values.go)
//	checked    with what the [env:NAME] sections say: defaults, secrecy, violations
//	peered     with the peers that the [link:NAME] sections declare
//	[Decided]  with what programs see of it
//	[Image]    with the meaning that the document has under these values (image.go)
//
// From an image follow the plan, which executes all templates, and the transaction, which
// writes them; nothing is written before. A command takes the value of the step that it
// needs: layers a [Document], env and links a [Decided], run and render an [Image].
//
// Everything here can be cancelled, by ctx, until the swap. A problem of one step
// never hides the others of that step: errors are joined, in the order of files.
package launch
