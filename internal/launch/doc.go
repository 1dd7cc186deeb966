// Package launch is the stage between the execve of the entrypoint and that of
// the supervisor: it reads what is known, renders, and hands over.
//
// The way, each step once, in this order, and nothing written before the last:
//
//  1. the environment is captured; it is never read again;
//  2. the configuration is read;
//  3. the sources are read and merged, weakest first: the values;
//  4. the configuration gets its meaning under the values;
//  5. all templates are executed: the plan;
//  6. all changed files are staged, checked and swapped.
//
// Everything here can be cancelled, by ctx, until the swap. A problem of one step
// never hides the others of that step: errors are joined, in the order of files.
package launch
