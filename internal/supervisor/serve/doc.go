// Package serve is slipway's HTTP front: XML-RPC as Supervisor speaks it, the log
// tails, and a status page. It is a process of its own (`slipway serve`), so that
// nothing a client sends reaches PID 1 but the methods of the control connection.
//
// PID 1 holds the listening sockets and starts the front when the first connection
// arrives. The front inherits its end of a private control connection as descriptor
// boot.ControlFD and the sockets from boot.ListenerFD on; it asks
// for their names and passwords over the connection, since arguments and
// environment can be read by others. When nobody has been connected for a while it
// ends; what connects in that moment waits in the socket's backlog, which PID 1
// watches again.
//
// What a browser sends for a foreign page is refused; see strangers.go. Wrong passwords
// are slowed; see guesses.go.
//
// Limits: a request's header must arrive within 10 s, its body (1 MiB at most)
// within 30 s, an idle connection is closed after 2 minutes, a reader that takes
// nothing for 30 s is dropped, and every server has at most 2,048 connections, so
// that whoever fills a TCP server does not lock the unix socket.
// One request is answered 16 MiB at most, all together 64 MiB.
package serve
