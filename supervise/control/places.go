package control

import "strconv"

// DefaultRuntime is the runtime folder when no option names another.
const DefaultRuntime = "/run/slipway"

// Places are where a supervisor listens, in the order in which it tries them and
// clients look: the control socket of the runtime folder ("" is the default), that of
// a folder of its user, and, where nothing can be written, an abstract socket. Abstract
// names belong to the network namespace, which containers may share, so this one
// names the PID namespace, by its inode; 0 leaves it out.
func Places(runtime string, uid int, pidNamespace uint64) []string {
	if runtime == "" {
		runtime = DefaultRuntime
	}
	user := strconv.Itoa(uid)
	places := []string{runtime + "/control.sock", "/tmp/slipway-" + user + "/control.sock"}
	if pidNamespace != 0 {
		places = append(places, "@slipway-"+user+"-"+strconv.FormatUint(pidNamespace, 10))
	}
	return places
}
