// Package protocol is the language between slipway and a source program,
// slipway-source-NAME: lines of text, version 1. docs/reference/source-protocol.md is its
// specification.
//
// slipway writes a request to the program's standard input: the version, the
// settings, and "get" or "watch". The program writes to its standard output: the
// version, a snapshot of everything at one revision, and after "watch" the
// changes from the next revision on.
//
//	slipway-source 1              slipway-source 1
//	set prefix /app/              snapshot 42
//	secret set password x         key /app/log/level debug
//	get                           secret var DB_PASSWORD hunter2
//	                              end 42
//
// Nothing counts before its end line has come, so a program that dies in the
// middle never leaves half a snapshot behind. A line is at most [MaxLine] bytes,
// and what is read is bounded by the reader. Errors name the line by number and
// never show it: any line may hold a secret.
package protocol
