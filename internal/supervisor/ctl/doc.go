// Package ctl is supervisorctl: the command line that controls a supervisor over
// XML-RPC, with the original's options, output and exit statuses, against slipway
// or against the original. slipway called as supervisorctl runs Main.
//
// It needs nothing but an HTTP server. `slipway status`, `start`, … are other commands:
// they use the control socket, where no HTTP front and no password is in between.
//
// Deliberate differences from supervisorctl 4.2.5: an error that a command does not
// expect is printed without the place in Python's source; `clear g:*` names g:*
// instead of g:None; a malformed file is reported as such and not as a traceback.
package ctl
