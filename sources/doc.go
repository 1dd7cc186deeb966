// Package sources holds what is known when a container starts, and where each
// piece of it came from.
//
// A source (the environment, an env file, a secret directory, etcd …) gives a
// [Layer] of variables. [Merge] lays the layers over each other, weakest first,
// into a [View]: immutable, complete, compared by digest, with the history of
// every name. Nothing here reads anything: every source is a folder of its own
// below this one, and reads once per call.
//
// Two rules hold everywhere:
//
//   - Secrecy is sticky. A name that one source calls secret is secret in the
//     merged view whichever source its text comes from, and a secret [Value]
//     prints as «redacted», however it is printed. Only [Value.Text] is the text.
//   - Text is data. It is never evaluated as a template and never passed to a
//     shell.
//
// This package imports the standard library alone; the structure tests hold it
// to that, because everything of the launch stage links it.
package sources
