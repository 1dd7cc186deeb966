// Package differential compares slipway, called as supervisord, with the original:
// every scenario is run against both, and what can be observed must be equal once
// process ids and times are taken out. So the expectation is observed, not believed.
//
// A scenario is a txtar file in testdata/TOPIC. Its comment says, in lines that
// begin with #, what it is about; the other lines are commands, run in order. The
// file "conf" is added to a configuration that has a log, a unix socket and the
// supervisor's RPC interface in the scenario's own folder; "whole.conf" replaces it.
// In all files and commands DIR is that folder, and in files PORT1 and PORT2 are free ports.
// The other files are written there, those whose names end in .sh or .py executable.
//
//	start [ARGS…]            start the daemon and wait until it answers; implied before the first command
//	fails [ARGS…]            start the daemon, which ends by itself; record its status
//	ends                     wait until the daemon has ended; record its status
//	wait NAME STATE[,STATE]  wait until a process is in one of the states
//	waitlog REGEXP           wait for a line of the activity log
//	waitfile FILE REGEXP     wait for a line of a file
//	ctl ARGS…                run supervisorctl; record output and status
//	rpc METHOD JSON… [| FIELD,…]   call a method; record the answer, or these members
//	http METHOD PATH [NAME:VALUE…] record status and body of a request
//	signal SIG               send a signal to the daemon
//	kill NAME SIG            send a signal to a process
//	log REGEXP               record the matching lines of the activity log
//	ctlset, rpcset, logset   the same, sorted, where the order is left to chance
//	cat FILE                 record a file
//	ls GLOB                  record which files there are
//	put NAME FILE            copy a file of the archive over another
//	sh COMMAND               run a shell command in DIR; record output and status
package differential
