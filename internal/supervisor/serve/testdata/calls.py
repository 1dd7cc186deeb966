# Calls every method of a server with good and bad arguments.
import sys, xmlrpc.client

s = xmlrpc.client.ServerProxy(sys.argv[1])
S, Y = s.supervisor, s.system


def call(method, *args):
    name = method._Method__name.split('.')[-1]
    try:
        answer = repr(method(*args))
    except xmlrpc.client.Fault as fault:
        answer = str(fault)
    except Exception as problem:
        answer = 'PROBLEM ' + repr(problem)
    print(name, args, '->', answer)


for m in Y.listMethods():
    print(m, Y.methodSignature(m), 'documented' if Y.methodHelp(m) else 'undocumented')
for name in ('getAPIVersion', 'getVersion', 'getSupervisorVersion', 'getIdentification', 'getState', 'getPID'):
    call(getattr(S, name))
    call(getattr(S, name), 1)
for name in ('web', 'web:web', 'g:a', 'g:*', 'g', 'nosuch', 'g:nosuch', '', 5, None, ['web']):
    if name is not None:
        call(S.getProcessInfo, name)
call(S.getAllProcessInfo)
call(S.getAllConfigInfo)
for args in ((0, 20), (-20, 0), (-1, 5), (0, -1), ('0', '20'), (1.7, 20), (True, 20), ('x', 1), (10**9, 0), (0,), (-2**31, 0), (2**31-1, 2**31-1)):
    call(S.readLog, *args)
    call(S.readMainLog, *args)
for args in (('web', 0, 0), ('web', -12, 0), ('web', 4, 6), ('nofile', 0, 0), ('g:*', 0, 0), ('nosuch', 0, 0), ('web', -1, 1), (5, 0, 0), ('web', 'x', 0)):
    call(S.readProcessLog, *args)
    call(S.readProcessStdoutLog, *args)
    call(S.readProcessStderrLog, *args)
for args in (('web', 0, 10), ('web', 23, 10), ('web', 100, 10), ('web', 0, 100), ('web', 0, 0), ('web', -5, 5), ('web', 5, -5), ('nofile', 0, 10), ('nosuch', 0, 10), ('g:*', 0, 10)):
    call(S.tailProcessLog, *args)
    call(S.tailProcessStdoutLog, *args)
    call(S.tailProcessStderrLog, *args)
for args in ((), ('web',), ('web:web',), ('g:*',), ('g:',), ('g',), ('zz:*',), ('nofile',), ('noexec',), ('bad',), ('abnormal',),
             ('web', True, 3), ('g:b', False), ('g:b', 'yes'), (5,), ('web', [])):
    call(S.startProcess, *args)
    call(S.stopProcess, *args)
    call(S.startProcess, *args)
for args in (('g',), ('g', False), ('zz',), (), ('g:*',), (5,)):
    call(S.stopProcessGroup, *args)
    call(S.startProcessGroup, *args)
for args in (('web', 'HUP'), ('web', 'sighup'), ('web', 1), ('web', '1'), ('web', 1.5), ('web', 'FOO'), ('bad', 'HUP'), ('nosuch', 'HUP'), ('g:*', 'FOO'),
             ('g:*', 'HUP'), ('zz:*', 'HUP'), ('web',), ('web', ['HUP'])):
    call(S.signalProcess, *args)
call(S.signalProcessGroup, 'g', 'HUP')
call(S.signalProcessGroup, 'zz', 'HUP')
call(S.signalAllProcesses, 'HUP')
call(S.signalAllProcesses)
for args in (('web', 'hellö\n'), ('bad', 'x'), ('closed', 'x'), ('nosuch', 'x'), ('g:*', 'x'), ('web', 5), ('web',)):
    call(S.sendProcessStdin, *args)
call(S.sendRemoteCommEvent, 'a', 'b')
call(S.sendRemoteCommEvent, 1, 'b')
call(S.sendRemoteCommEvent, 'a')
for name in ('web', 'g:a', 'g:*', 'nosuch'):
    call(S.clearProcessLogs, name)
    call(S.clearProcessLog, name)
call(S.clearAllProcessLogs)
call(S.clearLog)
call(S.reloadConfig)
for name in ('fresh', 'web', 'nosuch', 5):
    call(S.addProcessGroup, name)
for name in ('web', 'nosuch', 'nofile', 'nofile'):
    call(S.removeProcessGroup, name)
call(S.stopAllProcesses)
call(S.startAllProcesses, False)
call(Y.multicall, [{'methodName': 'supervisor.getPID', 'params': []}, {'methodName': 'supervisor.getPID'},
                   {'methodName': 'system.multicall', 'params': []}, {'methodName': 'nosuch.x', 'params': []}, {'params': []},
                   {'methodName': 'supervisor.getProcessInfo', 'params': ['zz']}, {'methodName': 'supervisor.stopProcess', 'params': ['web']},
                   {'methodName': 'supervisor.startProcess', 'params': ['web']}, 5, {'methodName': 5}, {'methodName': 'supervisor.getPID', 'params': 5}])
call(Y.multicall, 5)
call(Y.multicall)
for name in ('nosuch', 5, 'system.nosuch'):
    call(Y.methodHelp, name)
    call(Y.methodSignature, name)
call(s.nosuch)
call(S._update, 'x')
call(S.getPID.x)
call(s.supervisor)
call(S.restart)
call(S.shutdown)
call(S.getState)
