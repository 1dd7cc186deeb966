# Runs Debian's supervisord and supervisorctl many times for the price of one start
# of Python: the modules are loaded once, every run is a fork. Requests and answers
# are lines of JSON; answers carry the id of their request, in any order.
import fcntl, gc, json, os, signal, sys, tempfile

sys.path.insert(0, '/usr/lib/python3/dist-packages')
from supervisor import supervisorctl, supervisord, rpcinterface, web  # noqa: F401 (the last two are imported on first use)

LOCK = tempfile.NamedTemporaryFile()


def answer(**what):
    with open(LOCK.name) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(1, (json.dumps(what) + '\n').encode())


def enter(main, argv, files):
    for fd, f in enumerate(files):
        os.dup2(f.fileno(), fd)
    os.closerange(3, 256)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, 'w', 1), os.fdopen(2, 'w', 1)
    sys.argv = argv
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ctl(request):
    files = [tempfile.TemporaryFile() for _ in range(3)]
    files[0].write(request['stdin'].encode())
    files[0].seek(0)
    pid = os.fork()
    if pid == 0:
        enter(supervisorctl.main, ['/usr/bin/supervisorctl'] + request['args'], files)
    code = status(pid)
    text = []
    for f in files[1:]:
        f.seek(0)
        text.append(f.read().decode(errors='replace'))
    answer(id=request['id'], stdout=text[0], stderr=text[1], status=code)


def daemon(request):
    pid = os.fork()
    if pid == 0:
        os.chdir(request['dir'])
        os.environ.clear()
        os.environ.update(request['env'])
        if 'TZ' in request['env']:
            import time
            time.tzset()
        files = [open('/dev/null'), open(request['stdout'], 'ab'), open(request['stderr'], 'ab')]
        enter(supervisord.main, ['/usr/bin/supervisord'] + request['args'], files)
    answer(id=request['id'], pid=pid)
    answer(id=request['id'], status=status(pid))


gc.freeze()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the handlers
for line in sys.stdin:
    request = json.loads(line)
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        {'ctl': ctl, 'daemon': daemon}[request['kind']](request)
        os._exit(0)
