package surface

import (
	"reflect"

	"slipway/supervise/control"
)

// FieldDoc is a field of an answer, for the reference page.
type FieldDoc struct {
	Name string
	Kind control.Kind
	Doc  string
}

// NameOf is the name of a type of answer.
func NameOf(a control.Answer) string { return reflect.TypeOf(a).Elem().Name() }

// Fields are the fields of an answer in their order; a test holds that each has a doc.
func Fields(a control.Answer) []FieldDoc {
	docs := fieldDocs()[NameOf(a)]
	var fields []FieldDoc
	for _, m := range a.Members() {
		fields = append(fields, FieldDoc{m.Name, m.Kind(), docs[m.Name]})
	}
	return fields
}

// fieldDocs says by answer and field what a field means. Times are in seconds since the
// epoch unless it says otherwise.
func fieldDocs() map[string]map[string]string {
	return map[string]map[string]string{
		"ProcessInfo": {
			"name": "Name of the process.", "group": "Its group.",
			"state": "Supervisor's number of its state: 0 STOPPED, 10 STARTING, 20 RUNNING, 30 BACKOFF, 40 STOPPING, 100 EXITED, 200 FATAL, 1000 UNKNOWN.",
			"pid":   "Its process id; 0 for none.",
			"start": "When its last run began; 0 for never.", "stop": "When its last run ended; 0 for never.", "now": "The supervisor's clock.",
			"exitstatus": "Status of its last run; -1 after a signal, 0 while it runs.", "spawnerr": "Why it could not be started, or why it was given up.",
			"stdout_logfile": "Path of its log; empty for none.", "stderr_logfile": "Path of its error log; empty for none.",
			"generation": "Runs so far.", "restarts": "Runs that nobody asked for.", "signal": "Signal that ended the last run; 0 for none.",
			"health": "`starting`, `healthy` or `unhealthy`; empty without a health check.", "ready": "It is ready, by its probe or because it runs.",
			"waiting": "What its start waits for; empty for nothing.", "ran": "Milliseconds that its last run took; 0 while it runs, and if its last start came to no run.", "last_status": "Exit status of the last run that has ended; 0 after a signal.", "cause": "What has ended the last run: empty if it has ended by itself or by a signal of somebody else, memory for the memory limit, stop, kill if it had to be killed for a stop, ready if it was not ready in time, health if it was unhealthy.", "why": "More about cause ready or health.", "core": "The last run has left a core.", "paused": "A signal such as SIGSTOP has stopped it.",
			"vain": "Why that will not come by itself; empty if it may.", "lost_log": "Bytes of output that no log could take.",
			"kind": "`program`, `eventlistener` or `fcgi-program`.", "program": "NAME of its section.",
			"level": "How its processes are known to be its own: `cgroup` (a holder, and a control group that is killed in one step), `holder` or `marks`.", "level_reason": "Why it is no better level; empty if none was wanted.",
			"next_run": "When it runs next by its schedule.", "demand": "What starts it, with start = on-demand: a connection, or a datagram; empty while it does not wait for one.", "rolling": "How many processes of its program are restarted at once; 0 if it does not say.",
			"terminal": "Of a program with tty = true: `foreground`, or `none` if the container has no terminal; empty for other programs.",
			"task":     "Of a oneshot: `running`, `completed` or `failed`; empty if it has not run, and for other programs.",
			"found_by": "How its main process was found after its launcher had ended: `its pid file`, `the session leader`, `the oldest`, `MAINPID`, `its marks`; empty if it has not.",
		},
		"ConfigInfo": {
			"name": "Name of the process.", "group": "Its group.", "autostart": "It is started with the supervisor.",
			"autorestart": "`true`, `false` or `unexpected`.", "command": "Its command line.", "directory": "Its directory, or `none`.",
			"exitcodes": "Statuses that are expected.", "group_prio": "Priority of its group.", "inuse": "The group is active.",
			"killasgroup": "KILL goes to its process group.", "process_prio": "Its priority.", "redirect_stderr": "Its errors go to its output.",
			"serverurl": "Its `serverurl`, or `none`.", "startretries": "Tries of a start.", "startsecs": "Seconds until a start has succeeded.",
			"stopsignal": "Number of the signal that stops it.", "stopwaitsecs": "Seconds until KILL.", "uid": "Its user; -1 if none is set.",
			"stdout": "A ConfigOutput.", "stderr": "A ConfigOutput.",
		},
		"ConfigOutput": {
			"logfile": "A path, `none` or `auto`.", "maxbytes": "Size at which the log is rotated.", "backups": "Old logs that are kept.",
			"capture_maxbytes": "Size of the capture buffer.", "events_enabled": "Output becomes events.", "syslog": "Output goes to syslog, too.",
		},
		"Status": {
			"name": "Name of the process.", "group": "Its group.", "status": "80 for success, else the number of the fault.",
			"description": "`OK`, or the fault as text.",
		},
		"LogInfo": {
			"path": "Path of the log; empty for none.", "regular": "It is a regular file, whose descriptor travels with the answer.",
			"size": "Its size in bytes at that moment.", "inode": "Its inode, by which a follower notices a rotation.",
		},
		"RereadResult": {
			"added": "Groups that are new, by priority.", "changed": "Groups that differ, by priority.", "removed": "Groups that are not there any more.",
		},
		"SupervisorState": {
			"code": "-1 SHUTDOWN, 0 RESTARTING, 1 RUNNING, 2 FATAL.", "name": "Name of the code.",
		},
		"SupervisorInfo": {
			"pid": "Its process id.", "identifier": "Its identifier.", "version": "Version of slipway.", "mode": "`run` or `supervisord`.",
			"start": "When it started.", "logfile": "Path of the activity log; empty for none.", "config_file": "Path of its configuration.",
		},
		"ServerInfo": {
			"section": "Its section, such as `inet_http_server:b`.", "unix": "It listens on a socket of the file system.", "address": "Path, or host:port.",
			"username": "Empty without authentication.", "password": "As it is configured: plain, or {SHA} and the digest.",
			"hosts":  "Names by which it may be reached, beside addresses, our own name and those that nobody can register; `*` is any.",
			"no_rpc": "There is no `[rpcinterface:supervisor]`.",
		},
		"Event": {
			"serial": "Number of the event in this stream of the supervisor.", "when": "Milliseconds since the epoch.", "name": "Its type, such as PROCESS_STATE_RUNNING.",
			"payload": "What Supervisor sends to event listeners.",
		},
	}
}
