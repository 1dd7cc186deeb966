"""Say what the original Supervisor makes of configuration files.

Reads a JSON list of {"dir", "env"} and writes a JSON list of meanings, in the
form of package meaning. In each folder, supervisord.conf is parsed as
`supervisord -c supervisord.conf` does; nothing is started.
"""
import io
import json
import os
import re
import shlex
import signal
import sys
import warnings

warnings.simplefilter("ignore")

from supervisor import datatypes, events, loggers, options

KINDS = [
    (r"does not include supervisord section", "no-supervisord-section"),
    (r"no files setting", "include-without-files"),
    (r"contains parsing errors|no section headers", "syntax"),
    (r"codec can't decode", "encoding"),
    (r"which cannot be expanded", "expansion-unknown-name"),
    (r"is badly formatted", "expansion-bad-format"),
    (r"^Invalid user (name|id)", "unknown-user"),
    (r"^Invalid (sockchown|socket_owner) value", "unknown-owner"),
    (r"is not an existing directory|named as part of the path", "missing-directory"),
    (r"not a valid boolean", "bad-boolean"),
    (r"with base 8|octal type|Invalid (chmod|socket_mode)", "bad-octal"),
    (r"not a valid port number|no port number|upper bound|lower bound", "bad-port"),
    (r"not a valid signal", "bad-signal"),
    (r"list of exit codes", "bad-exitcodes"),
    (r"invalid 'autorestart'", "bad-autorestart"),
    (r"bad logging level", "bad-loglevel"),
    (r"end of key/value pairs|No closing quotation|No escaped character", "bad-environment"),
    (r"Invalid name:", "bad-name"),
    (r"buffer_size", "bad-buffer_size"),
    (r"does not specify a command", "no-command"),
    (r"must be present within process_name", "numprocs-needs-process_num"),
    (r"stopasgroup=true", "stopasgroup-killasgroup"),
    (r"names unknown program", "group-unknown-program"),
    (r"is ambiguous", "group-ambiguous-program"),
    (r"cannot be resolved", "plugin-unresolved"),
    (r'requires an "events"', "listener-without-events"),
    (r"redirect_stderr=true but this is not allowed", "listener-redirect_stderr"),
    (r"Unknown event type", "unknown-event"),
    (r"has no (port|file) value", "http-no-address"),
    (r"incomplete authentication", "http-incomplete-auth"),
    (r"socket", "bad-fcgi-socket"),
    (r"invalid literal for int", "bad-number"),
]


def refusal(text):
    text = text.removeprefix("Error: ")
    for pattern, kind in KINDS:
        if re.search(pattern, text):
            return {"error": text.split("\n")[0], "error_kind": kind}
    return {"error": text.split("\n")[0], "error_kind": "other"}


def octal(n):
    return None if n is None else "%04o" % n


def logfile(value):
    return "AUTO" if value is datatypes.Automatic else value


def output(p, channel):
    get = lambda name: getattr(p, channel + "_" + name)
    return {
        "logfile": logfile(get("logfile")), "maxbytes": get("logfile_maxbytes"),
        "backups": get("logfile_backups"), "capture_maxbytes": get("capture_maxbytes"),
        "events_enabled": get("events_enabled"), "syslog": get("syslog"),
    }


def signal_name(n):
    return signal.Signals(n).name if n else str(int(n))


def process(p):
    restart = {datatypes.RestartUnconditionally: "true", datatypes.RestartWhenExitUnexpected: "unexpected", False: "false"}
    o = {k: getattr(p, k) for k in (
        "name command directory priority startsecs startretries stopwaitsecs exitcodes autostart "
        "stopasgroup killasgroup redirect_stderr environment serverurl uid").split()}
    o.update(umask=octal(p.umask), autorestart=restart[p.autorestart],
             stopsignal={"name": signal_name(p.stopsignal), "number": int(p.stopsignal)},
             stdout=output(p, "stdout"), stderr=output(p, "stderr"))
    try:
        o["argv"] = shlex.split(p.command)
        if not o["argv"]:
            del o["argv"]
            o["argv_error"] = ""
    except ValueError:
        o["argv_error"] = ""
    return o


def group(g):
    o = {"kind": "group", "name": g.name, "priority": g.priority,
         "processes": list({p.name: process(p) for p in g.process_configs}.values())}
    if isinstance(g, options.EventListenerPoolConfig):
        o.update(kind="eventlistener", buffer_size=g.buffer_size,
                 events=sorted(events.getEventNameByType(e) for e in g.pool_events),
                 result_handler="%s:%s" % (g.result_handler.__module__, g.result_handler.__name__))
    if isinstance(g, options.FastCGIGroupConfig):
        s = g.socket_config
        o.update(kind="fcgi", socket={"url": s.url, "backlog": s.backlog})
        if isinstance(s, datatypes.UnixStreamSocketConfig):
            o["socket"].update(family="unix", path=s.path, mode=octal(s.mode), owner=s.owner and list(s.owner))
        else:
            o["socket"].update(family="inet", host=s.host, port=s.port)
    return o


def server(c):
    o = {k: c[k] for k in ("section", "username", "password")}
    if "file" in c:
        o.update(family="unix", file=c["file"], chmod=octal(c["chmod"]), chown=list(c["chown"]))
    else:
        o.update(family="inet", host=c["host"], port=c["port"])
    return o


def realize(opts):
    opts.stderr = err = io.StringIO()
    opts.configfile = "supervisord.conf"
    try:
        opts.realize(args=[], doc="", progname="supervisord")
    except SystemExit:
        return err.getvalue()
    return None


def meaning(env):
    os.environ.clear()
    os.environ.update(env)
    opts = options.ServerOptions()
    text = realize(opts)
    if text is not None:
        return refusal(text)
    s = opts.configroot.supervisord
    supervisord = {k: getattr(s, k) for k in (
        "logfile_maxbytes logfile_backups nodaemon silent minfds minprocs nocleanup childlogdir user "
        "directory strip_ansi environment identifier").split()}
    supervisord.update(logfile=opts.logfile or s.logfile, pidfile=opts.pidfile, umask=octal(s.umask),
                       uid=getattr(opts, "uid", None), loglevel=level(s.loglevel))
    return {
        "supervisord": supervisord, "groups": [group(g) for g in opts.process_group_configs],
        "http_servers": [server(c) for c in opts.server_configs], "serverurl": opts.serverurl,
        "rpcinterfaces": [{"name": n, "factory": "%s:%s" % (f.__module__, f.__name__), "settings": x}
                          for n, f, x in opts.rpcinterface_factories],
        "supervisorctl": ctl(), "warnings": opts.parse_warnings,
    }


def level(n):
    words = {"CRIT": "critical", "ERRO": "error", "WARN": "warn", "INFO": "info",
             "DEBG": "debug", "TRAC": "trace", "BLAT": "blather"}
    return {getattr(loggers.LevelsByName, k): v for k, v in words.items()}[n]


def ctl():
    opts = options.ClientOptions()
    text = realize(opts)
    if text is not None:
        return None if "include supervisorctl section" in text else refusal(text)
    s = opts.configroot.supervisorctl
    return {k: getattr(s, k) for k in ("serverurl", "username", "password", "prompt", "history_file")}


def main():
    results = []
    for case in json.load(sys.stdin):
        os.chdir(case["dir"])
        try:
            results.append(meaning(case["env"]))
        except Exception as e:  # the original would end with a traceback
            results.append({"error": "%s: %s" % (type(e).__name__, e), "error_kind": "crash"})
    json.dump(results, sys.stdout)


main()
