// Package envfile is the source "env.d": files of NAME=value lines, in the
// grammar of hashicorp/go-envparse v0.1.0, which decides what a line means.
//
// This package gives the parser one line at a time and adds what it leaves out:
// every error of a file at once, each with file, line, column and key; a note
// where # cuts a bare value short or a key repeats; explanations of what
// surprises people (a byte order mark, a tab, a line over 64 KiB, the quoting
// idioms of shells). The pinned version matters: the parser's later iterator
// drops "NAME=", which is how an image says "empty unless you say otherwise".
//
// No message shows a value: env files hold passwords.
//
// The grammar in short: NAME=value, optionally after "export" and one blank. A
// value is any sequence of bare text (which ends at the first #), "text" with
// the escapes of JSON, and 'text' without any. Nothing is expanded, nothing
// continues on the next line. Later lines and later files win.
package envfile
