"""What an instance gives up before foreign code runs: files, processes, network, memory, time.

Plain system calls through ctypes, so that nothing has to be installed. Every function raises
OSError where the kernel refuses; the caller then does not go on.
"""

import ctypes
import errno
import fcntl
import os
import platform
import resource
import struct

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(number, *arguments):
    return _libc.syscall(ctypes.c_long(number), *arguments)


# ---- processes, memory, time ------------------------------------------------------------------

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_CAPABILITY_VERSION_3 = 0x20080522
_SIGKILL = 9


def _prctl(option, argument, what):
    zero = ctypes.c_ulong(0)
    _check(_libc.prctl(option, ctypes.c_ulong(argument), zero, zero, zero), what)


def die_with(parent):
    """Ends this process when `parent` (a process number) ends."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL, "prctl PDEATHSIG")
    if os.getppid() != parent:
        os._exit(1)


def not_dumpable():
    """No other process of the same user may look into this one."""
    _prctl(_PR_SET_DUMPABLE, 0, "prctl DUMPABLE")


def limit(memory_bytes, cpu_seconds, file_bytes, open_files, threads=0):
    """`threads`: of a program, which reserves addresses by the gigabyte and uses few: its data are bounded."""
    for what, bound in (
        (resource.RLIMIT_DATA if threads else resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_NPROC, threads),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        # Never above what is already the limit.
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(what, (bound, bound))


def drop_privileges():
    """No capabilities, and none to be had again."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, "prctl NO_NEW_PRIVS")
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    nothing = struct.pack("=6I", 0, 0, 0, 0, 0, 0)
    _check(_syscall(_OTHER["capset"][_COLUMN], header, nothing), "capset")


# ---- a file system of one's own ---------------------------------------------------------------

_CLONE_NEWNS = 0x20000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8


def private_directory(path, size_bytes, files):
    """Mounts an empty bounded file system at `path` that this process alone sees.

    It is gone when the process ends. Needs CAP_SYS_ADMIN in the sandbox's user namespace.
    """
    _check(_libc.unshare(_CLONE_NEWNS), "unshare")
    options = f"size={size_bytes},nr_inodes={files},mode=700".encode()
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    _check(_libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", flags, options), "mount")


# ---- Landlock: which files --------------------------------------------------------------------

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BY_VERSION = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_READ = _READ_FILE | _READ_DIR
_CHANGE = _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_OWN = _READ | _WRITE_FILE | _CHANGE
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


def landlock_version():
    """0 where the kernel has none or has it switched off."""
    version = _syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(version, 0)


def landlock(readable, writable=(), executable=()):
    """From now on only these can be opened, only what is below `writable` changed.

    Nothing but what is below `executable` can be executed; TCP (version 4 on), abstract sockets and signals to other sandboxes
    (version 6 on) are refused too. Paths that do not exist are passed over.
    """
    version = landlock_version()
    if version < 1:
        raise OSError(errno.ENOSYS, "landlock: not offered by this kernel")
    handled = _BY_VERSION.get(version, 0xFFFF)
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = struct.pack("=QQQ", handled, 3, 3)[:size]
    ruleset = _check(
        _syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0)),
        "landlock_create_ruleset",
    )
    try:
        for paths, rights in ((readable, _READ), (writable, _OWN), (executable, _READ | _EXECUTE)):
            for path in paths:
                _landlock_allow(ruleset, path, rights & handled)
        result = _syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
        _check(result, "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _landlock_allow(ruleset, path, rights):
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, descriptor)
        beneath = ctypes.c_int(1)
        result = _syscall(_LANDLOCK_ADD, ctypes.c_int(ruleset), beneath, rule, ctypes.c_uint32(0))
        _check(result, "landlock_add_rule")
    finally:
        os.close(descriptor)


# ---- seccomp: which system calls --------------------------------------------------------------

# What CPython needs to compute, to read files and to speak on a descriptor that it has. Not here,
# and so refused: every way to start a process or thread, to execute, to open a socket, to pass
# descriptors, to signal or trace another process, to change limits or namespaces, to mount, and
# io_uring, memfd, bpf, keys, timers and shared memory.
_ALLOWED = {
    # name: (x86-64, aarch64); None where the architecture has no such call
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "stat": (4, None), "fstat": (5, 80),
    "lstat": (6, None), "poll": (7, None), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "access": (21, None), "select": (23, None),
    "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233), "nanosleep": (35, 101),
    "getpid": (39, 172), "exit": (60, 93), "uname": (63, 160), "getcwd": (79, 17),
    "chdir": (80, 49),
    "readlink": (89, None), "umask": (95, 166), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "times": (100, 153), "getuid": (102, 174), "getgid": (104, 176),
    "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173), "sigaltstack": (131, 132),
    "gettid": (186, 178), "time": (201, None), "futex": (202, 98), "sched_getaffinity": (204, 123),
    "getdents64": (217, 61), "restart_syscall": (219, 128), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "exit_group": (231, 94),
    "newfstatat": (262, 79), "readlinkat": (267, 78), "faccessat": (269, 48), "pselect6": (270, 72),
    "ppoll": (271, 73), "getrandom": (318, 278), "statx": (332, 291), "faccessat2": (439, 439),
}  # fmt: skip

# Only in a file system of one's own.
_ALLOWED_TO_WRITE = {
    "pwrite64": (18, 68), "fsync": (74, 82), "fdatasync": (75, 83), "truncate": (76, 45),
    "ftruncate": (77, 46), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None),
    "unlink": (87, None), "chmod": (90, None), "fchmod": (91, 52), "mkdirat": (258, 34),
    "unlinkat": (263, 35), "renameat": (264, 38), "fchmodat": (268, 53), "utimensat": (280, 88),
    "fallocate": (285, 47), "renameat2": (316, 276),
}  # fmt: skip

# Only for a program in a sandbox of its own, whose other processes it can neither see nor signal: what
# the runtimes of servers (Node.js, Python) need besides. No second process, no socket of any kind.
_ALLOWED_TO_A_PROGRAM = {
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "pwritev": (296, 70),
    "pipe": (22, None), "pipe2": (293, 59), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "close_range": (436, 436), "epoll_create": (213, None), "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441), "eventfd2": (290, 19), "timerfd_create": (283, 85),
    "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87), "setitimer": (38, 103),
    "execve": (59, 221), "wait4": (61, 260), "waitid": (247, 95), "kill": (62, 129),
    "tgkill": (234, 131), "set_tid_address": (218, 96), "set_robust_list": (273, 99),
    "arch_prctl": (158, None), "prctl": (157, 167), "membarrier": (324, 283), "msync": (26, 227),
    "getcpu": (309, 168), "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "sysinfo": (99, 179), "capget": (125, 90), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "fchdir": (81, 50), "flock": (73, 32), "fadvise64": (221, 223), "statfs": (137, 43),
    "fstatfs": (138, 44), "sendfile": (40, 71), "copy_file_range": (326, 285),
}  # fmt: skip

# Calls with a rule of their own, and those that this file makes itself.
_OTHER = {
    "openat": (257, 56), "fcntl": (72, 25), "ioctl": (16, 29), "capset": (126, 91),
    "clone": (56, 220), "prlimit64": (302, 261),
}  # fmt: skip
_ABSENT = {"clone3": (435, 435), "openat2": (437, 437), "rseq": (334, 293)}
_ABSENT_TO_A_PROGRAM = {"io_uring_setup": (425, 425)}  # Node.js asks, and does without

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000

_KILL = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

_TO_WRITE = (
    os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    | (os.O_TMPFILE & ~os.O_DIRECTORY)
)
# Not F_SETFL and F_SETOWN: with O_ASYNC they make the kernel signal a process of one's choice.
_FCNTL_COMMANDS = (
    fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_DUPFD_CLOEXEC,
)  # fmt: skip
# To these a program may set O_NONBLOCK and locks. F_SETOWN stays out.
_FCNTL_OF_A_PROGRAM = (
    fcntl.F_SETFL, fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, 36, 37, 38,
)  # fmt: skip
_IOCTL_OF_A_PROGRAM = (0x5421, 0x5450, 0x5451, 0x541B)  # FIONBIO, FIONCLEX, FIOCLEX, FIONREAD
_CLONE_THREAD = 0x10000
_CLONE_NEW_NAMESPACES = 0x7E020000


def _this_machine():
    name = platform.machine()
    if name not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call table for {name}: x86_64 and aarch64 have one")
    return _ARCHITECTURES[name]


_COLUMN, _AUDIT_NAME = _this_machine()


def _numbers(names):
    found = {numbers[_COLUMN] for table in names for numbers in table.values()}
    return found - {None}


def _instruction(code, k, true=0, false=0):
    return struct.pack("=HBBI", code, true, false, k)


def _return(verdict):
    return [_instruction(_RETURN, verdict)]


def _argument(index):
    return _instruction(_LOAD, _ARGUMENTS_AT + 8 * index)  # low half: both are little-endian


def _search(ranges):
    """Binary search for the number in the accumulator; `ranges`: (first number, instructions)."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return [_instruction(_JUMP_AT_LEAST, ranges[middle][0], len(below), 0), *below, *above]


def _one_of(argument, values, otherwise):
    rule = [_argument(argument)]
    for value in values:
        rule += [_instruction(_JUMP_EQUAL, value, 0, 1), *_return(_ALLOW)]
    return [*rule, *otherwise]


def build_filter(may_write, program=False):
    """The BPF program as bytes. `may_write`: files may be opened for writing and changed. `program`: threads, and
    a program in place of itself.

    A tree and not a chain: the kernel runs it once for each of its calls when it is installed, and
    that was a tenth of the time that an instance takes to start.
    """
    refuse = _return(_ERRNO | errno.EPERM)
    allowed = [_ALLOWED, _ALLOWED_TO_WRITE] if may_write else [_ALLOWED]
    absent = [_ABSENT]
    if program:
        allowed.append(_ALLOWED_TO_A_PROGRAM)
        absent.append(_ABSENT_TO_A_PROGRAM)
    rules = dict.fromkeys(_numbers(allowed), _return(_ALLOW))
    rules.update(dict.fromkeys(_numbers(absent), _return(_ERRNO | errno.ENOSYS)))
    ioctl = _IOCTL_OF_A_PROGRAM if program else ()
    rules[_OTHER["ioctl"][_COLUMN]] = _one_of(1, ioctl, _return(_ERRNO | errno.ENOTTY))
    if program:
        rules[_OTHER["prlimit64"][_COLUMN]] = _one_of(0, (0,), refuse)  # its own
        rules[_OTHER["clone"][_COLUMN]] = [
            _argument(0),
            _instruction(_JUMP_ANY_BIT, _CLONE_NEW_NAMESPACES, 2, 0),
            _instruction(_JUMP_ANY_BIT, _CLONE_THREAD, 0, 1),
            *_return(_ALLOW),
            *refuse,
        ]
    rules[_OTHER["openat"][_COLUMN]] = _return(_ALLOW)
    if not may_write:
        rules[_OTHER["openat"][_COLUMN]] = [
            _argument(2),
            _instruction(_JUMP_ANY_BIT, _TO_WRITE, 0, 1),
            *_return(_ERRNO | errno.EROFS),
            *_return(_ALLOW),
        ]
    commands = (*_FCNTL_COMMANDS, *_FCNTL_OF_A_PROGRAM) if program else _FCNTL_COMMANDS
    rules[_OTHER["fcntl"][_COLUMN]] = _one_of(1, commands, refuse)
    ranges = [(0, refuse)]
    for number in range(max(rules) + 2):
        rule = rules.get(number, refuse)
        if rule != ranges[-1][1]:
            ranges.append((number, rule))
    return b"".join([
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_JUMP_EQUAL, _AUDIT_NAME, 1, 0),
        *_return(_KILL),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_JUMP_AT_LEAST, _X32, 0, 1),
        *_return(_KILL),
        *_search(ranges),
    ])  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install_filter(program):
    """For this process and for ever. After drop_privileges."""
    holder = _Program(len(program) // 8, program)
    zero = ctypes.c_ulong(0)
    filter_mode = ctypes.c_ulong(2)
    result = _libc.prctl(_PR_SET_SECCOMP, filter_mode, ctypes.byref(holder), zero, zero)
    _check(result, "prctl SECCOMP")
