/* The program that benchmarks supervise. It has no C library, so that nothing
 * happens before its first instruction but what the kernel does.
 *
 *   probe stamp FILE          append a record and exit
 *   probe stay FILE           append a record and wait for a signal
 *   probe launch FILE CMD...  append a record and execve CMD
 *   probe run FILE CMD...     append a record, run CMD, and append a record that
 *                             has CMD's largest resident memory in KiB (its
 *                             largest process's) in place of the pid
 *   probe spew FILE TOTAL N   append a record, write TOTAL bytes of 100-byte
 *                             lines to stdout, N lines at a time, append a
 *                             record, and wait for a signal
 *
 * A record is two native 64-bit numbers: CLOCK_MONOTONIC in ns, and the pid.
 */
typedef unsigned long u64;

#if defined(__x86_64__)
enum { WRITE = 1, OPENAT = 257, CLOCK_GETTIME = 228, EXECVE = 59, EXIT_GROUP = 231, PPOLL = 271, GETPID = 39,
       CLONE = 56, WAIT4 = 61 };
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

static long sys(long n, long a, long b, long c, long d, long e)
{
	long r;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
enum { WRITE = 64, OPENAT = 56, CLOCK_GETTIME = 113, EXECVE = 221, EXIT_GROUP = 94, PPOLL = 73, GETPID = 172,
       CLONE = 220, WAIT4 = 260 };
__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tbl begin\n");

static long sys(long n, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#error "amd64 and arm64 only"
#endif

static u64 now(void)
{
	struct { long s, ns; } t;
	sys(CLOCK_GETTIME, 1, (long)&t, 0, 0, 0);
	return (u64)t.s * 1000000000ul + (u64)t.ns;
}

static void record(const char *path, u64 at, u64 what)
{
	u64 rec[2] = { at, what };
	long fd = sys(OPENAT, -100, (long)path, 02001 | 02000000, 0, 0); /* O_WRONLY|O_APPEND|O_CLOEXEC */
	sys(WRITE, fd, (long)rec, sizeof rec, 0, 0);
}

static u64 self(void)
{
	return (u64)sys(GETPID, 0, 0, 0, 0, 0);
}

/* run forks from this small process, so that the memory is CMD's and not the
 * harness's, which a child has until its exec. */
static void run(const char *path, char **argv, char **env)
{
	long usage[32] = { 0 }; /* struct rusage; [4] is ru_maxrss */
	int status = 0;
	record(path, now(), self());
	long pid = sys(CLONE, 17 /* SIGCHLD */, 0, 0, 0, 0);
	if (pid == 0) {
		sys(EXECVE, (long)argv[0], (long)argv, (long)env, 0, 0);
		sys(EXIT_GROUP, 127, 0, 0, 0, 0);
	}
	sys(WAIT4, pid, (long)&status, 0, (long)usage, 0);
	record(path, now(), (u64)usage[4]);
	sys(EXIT_GROUP, status ? 1 : 0, 0, 0, 0, 0);
}

static long number(const char *s)
{
	long n = 0;
	while (*s >= '0' && *s <= '9')
		n = n * 10 + *s++ - '0';
	return n;
}

static char lines[700 * 100];

static void spew(long total, long at_once)
{
	long size = at_once * 100;
	for (long i = 0; i < (long)sizeof lines; i++)
		lines[i] = i % 100 == 99 ? '\n' : 'a' + i % 26;
	for (long done = 0; done < total;) {
		long n = sys(WRITE, 1, (long)lines, size, 0, 0);
		if (n <= 0)
			sys(EXIT_GROUP, 1, 0, 0, 0, 0);
		done += n;
	}
}

void begin(long *sp)
{
	u64 start = now();
	long argc = sp[0];
	char **argv = (char **)(sp + 1);
	if (argc < 3)
		sys(EXIT_GROUP, 2, 0, 0, 0, 0);
	char mode = argv[1][2]; /* st[a]mp, st[a]y, la[u]nch, ru[n], sp[e]w */
	switch (mode) {
	case 'n':
		run(argv[2], argv + 3, argv + argc + 1);
	case 'u':
		record(argv[2], now(), self());
		sys(EXECVE, (long)argv[3], (long)(argv + 3), (long)(argv + argc + 1), 0, 0);
		sys(EXIT_GROUP, 127, 0, 0, 0, 0);
	case 'e':
		record(argv[2], now(), self());
		spew(number(argv[3]), number(argv[4]));
		record(argv[2], now(), self());
		break;
	default:
		record(argv[2], start, self());
		if (argv[1][3] == 'm')
			sys(EXIT_GROUP, 0, 0, 0, 0, 0);
	}
	for (;;)
		sys(PPOLL, 0, 0, 0, 0, 0);
}
