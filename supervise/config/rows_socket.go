package config

import "slipway/supervise/sockets"

// SocketRows are the options of [socket:NAME].
var SocketRows = Rows[sockets.Socket]{
	{Option: Option{Name: "listen", Type: TypeListen, Required: true,
		Doc: "Where it listens. The address is numeric: PID 1 asks no name server; an empty one, or *, is every address of IPv4, [::] every one. unix-datagram:// is a unix socket for datagrams, and a path that begins with @ is a name without a file. For example: `listen = tcp://0.0.0.0:8080`."}},
	{Option: Option{Name: "owner", Type: TypeOwner,
		Doc: "Owner of the file of a unix socket. Default: the supervisor's user."}},
	{Option: Option{Name: "mode", Type: TypeOctal, Default: "0666",
		Doc: "Mode of the file of a unix socket: who may write to it may connect."}},
	{Option: Option{Name: "backlog", Type: TypeInt, Default: "4096",
		Doc: "How many connections may wait to be accepted, also while no program runs. The kernel takes at most net.core.somaxconn."},
		Bind: func(s *sockets.Socket) any { return &s.Backlog }},
	{Option: Option{Name: "options", Type: TypeWords,
		Doc: "Any of reuseport (others of the same user may listen there as well), nodelay (TCP_NODELAY), keepalive (SO_KEEPALIVE), freebind (the address need not be there yet), ipv6only ([::] without IPv4) and passcred (a unix socket tells who sends)."}},
}
