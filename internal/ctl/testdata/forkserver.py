# Runs Debian's supervisorctl many times for the price of one start of Python: the
# modules are loaded once, every run is a fork. A request is a line of JSON
# ({"args": […], "stdin": "…"}), so is the answer.
import json, os, sys, tempfile

sys.path.insert(0, '/usr/lib/python3/dist-packages')
from supervisor import supervisorctl, rpcinterface  # noqa: F401 (the second is imported on first use)


def run(request):
    files = [tempfile.TemporaryFile() for _ in range(3)]
    files[0].write(request['stdin'].encode())
    files[0].seek(0)
    pid = os.fork()
    if pid == 0:
        for fd, f in enumerate(files):
            os.dup2(f.fileno(), fd)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, 'w', 1), os.fdopen(2, 'w', 1)
        sys.argv = ['/usr/bin/supervisorctl'] + request['args']
        code = 0
        try:
            supervisorctl.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answer = []
    for f in files[1:]:
        f.seek(0)
        answer.append(f.read().decode())
    return {'stdout': answer[0], 'stderr': answer[1], 'status': status}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
