"""What hostile environment code does. Runs in the sandbox as an environment, and outside as a control.

Every function gets `t`, the targets (paths, ports, process numbers) that the test made. It raises where it is refused
and returns what it got where it is not. What is bounded rather than refused returns "bounded: ...".
"""

import ctypes
import json
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ATTACKS = {}
_libc = ctypes.CDLL(None, use_errno=True)
_COLUMN = 0 if platform.machine() == "x86_64" else 1
_NUMBERS = {  # of system calls: x86-64, aarch64
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "clone": (56, 220), "unshare": (272, 97),
    "mount": (165, 40), "chroot": (161, 51), "io_uring_setup": (425, 425), "bpf": (321, 280),
    "perf_event_open": (298, 241), "add_key": (248, 217), "userfaultfd": (323, 282), "shmget": (29, 194),
    "mq_open": (180, 180), "timer_create": (222, 107), "inotify_init1": (294, 26), "personality": (135, 92),
    "setns": (308, 268), "capset": (126, 91), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "open_by_handle_at": (304, 265), "setpriority": (141, 140), "sethostname": (170, 161), "clone3": (435, 435),
    "fanotify_init": (300, 262), "seccomp": (317, 277), "prlimit64": (302, 261), "memfd_create": (319, 279),
}  # fmt: skip
_FEW = 4000  # more than the descriptors and files that an instance may have


def attack(function):
    ATTACKS[function.__name__] = function
    return function


def _call(name, *arguments):
    """A system call by its number; raises what errno says."""
    converted = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = _libc.syscall(ctypes.c_long(_NUMBERS[name][_COLUMN]), *converted)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _read(path):
    with open(path, "rb") as file:
        return file.read(4096).decode("latin-1")


def _write(path):
    with open(path, "a", encoding="utf-8") as file:
        file.write("# written\n")
    return path


def _first(attempts):
    """What the first attempt that is not refused gets; the last refusal if all are."""
    refusal = OSError("nothing to try")
    for one in attempts:
        try:
            found = one()
            if found:
                return found
        except OSError as error:
            refusal = error
    raise refusal


# ---- files: reading ---------------------------------------------------------------------------


@attack
def read_a_file_of_the_host(t):
    return _read(t["secret"])


@attack
def read_the_users_of_the_host(t):
    return _read("/etc/passwd")


@attack
def read_through_a_link_in_its_own_folder(t):
    return _read(t["own"] + "/leak")


@attack
def read_the_rubric_of_its_task(t):
    return _read(t["own"] + "/../../suite.yaml")


@attack
def read_the_store(t):
    return _read(t["store"])


@attack
def list_a_folder_of_the_host(t):
    return os.listdir(os.path.dirname(t["secret"]))


@attack
def read_through_another_process(t):
    return _read(f"/proc/{t['victim']}/cwd/secret")


@attack
def open_by_a_file_handle(t):
    handle = struct.pack("=Ii8s", 8, 1, b"\2" + bytes(7))
    root = os.open("/", os.O_RDONLY)
    return _call("open_by_handle_at", root, handle, 0)


# ---- keys -------------------------------------------------------------------------------------


@attack
def keys_in_its_own_environment(t):
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(_libc, "environ")
    names = []
    while environ and environ[len(names)]:
        names.append(environ[len(names)].decode())
    found = [one for one in [*names, *map("=".join, os.environ.items())] if "KEY" in one]
    if not found:
        raise OSError("no key")
    return found[0]


@attack
def keys_in_the_environment_of_a_process(t):
    numbers = ["self", "1", str(os.getppid()), str(t["victim"])]
    places = [lambda n=n: _read(f"/proc/{n}/environ") for n in numbers]
    return _first([*places, *[lambda n=n: _read(f"/proc/{n}/environ") for n in os.listdir("/proc") if n.isdigit()]])


@attack
def keys_in_an_inherited_descriptor(t):
    return _first([lambda n=n: os.pread(n, 4096, 0).decode("latin-1") for n in range(4, 1024)])


@attack
def files_below_an_inherited_folder(t):
    def below(number):
        descriptor = os.open("secret", os.O_RDONLY, dir_fd=number)
        return os.read(descriptor, 4096).decode("latin-1")

    return _first([lambda n=n: below(n) for n in range(0, 1024)])


@attack
def keys_in_the_memory_of_a_process(t):
    with open(f"/proc/{t['victim']}/maps", encoding="utf-8") as maps:
        start = int(maps.readline().split("-")[0], 16)
    with open(f"/proc/{t['victim']}/mem", "rb", 0) as memory:
        memory.seek(start)
        return memory.read(4).decode("latin-1")


@attack
def read_memory_by_process_vm_readv(t):
    page = ctypes.create_string_buffer(b"its own memory")
    there = struct.pack("=QQ", ctypes.addressof(page), 14)
    return _call("process_vm_readv", os.getpid(), there, 1, there, 1, 0)


# ---- files: writing ---------------------------------------------------------------------------


@attack
def write_a_file_of_the_host(t):
    return _write(t["drop"] + "/written")


@attack
def write_to_the_temporary_folder(t):
    return _write("/tmp/" + t["mark"])


@attack
def write_to_shared_memory(t):
    return _write("/dev/shm/" + t["mark"])


@attack
def change_its_own_code(t):
    return _write(t["own"] + "/environment.py")


@attack
def change_the_store(t):
    return _write(t["store"])


@attack
def remove_a_file_of_the_host(t):
    os.unlink(t["drop"] + "/removable")
    return "removed"


@attack
def rename_a_file_of_the_host(t):
    os.rename(t["drop"] + "/movable", t["drop"] + "/moved")
    return "moved"


@attack
def open_up_a_file_of_the_host(t):
    os.chmod(t["drop"] + "/closed", 0o777)
    return "opened up"


@attack
def link_to_a_file_of_the_host(t):
    os.symlink("/etc/passwd", t["drop"] + "/link")
    return "linked"


@attack
def make_a_pipe_with_a_name(t):
    os.mkfifo(t["drop"] + "/pipe")
    return "made"


@attack
def fill_the_disk(t):
    written = 0
    with open("big", "wb", buffering=0) as file:
        try:
            while written < 64 << 20:
                written += file.write(bytes(1 << 20))
        except OSError:
            return f"bounded: {written >> 20} MiB" if written <= 16 << 20 else "too much"
    return f"{written >> 20} MiB"


@attack
def fill_the_disk_with_names(t):
    for count in range(_FEW):
        try:
            with open(f"n{count}", "wb"):
                pass
        except OSError:
            if count == 0:
                raise
            return f"bounded: {count} files" if count <= 256 else "too many"
    return "too many"


# ---- network ----------------------------------------------------------------------------------


def _connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(2)
        one.connect(address)
        one.sendall(b"out")
    return "sent"


@attack
def connect_by_tcp(t):
    return _connect(socket.AF_INET, ("127.0.0.1", t["tcp"]))


@attack
def connect_by_tcp_6(t):
    return _connect(socket.AF_INET6, ("::1", t["tcp6"]))


@attack
def send_by_udp(t):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"out", ("127.0.0.1", t["udp"]))
    return "sent"


@attack
def connect_to_a_unix_socket(t):
    return _connect(socket.AF_UNIX, t["unix"])


@attack
def connect_to_an_abstract_socket(t):
    return _connect(socket.AF_UNIX, "\0" + t["mark"])


@attack
def open_a_socket_of_any_family(t):
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)

    def one(family, kind):
        with socket.socket(family, kind):
            return f"family {family}"

    return _first([lambda f=f, k=k: one(f, k) for f in range(0, 47) for k in kinds])


@attack
def open_a_pair_of_sockets(t):
    return [one.close() for one in socket.socketpair()] and "opened"


@attack
def hand_a_descriptor_to_the_host(t):
    if t["control"]:
        ours, _ = socket.socketpair()
        return socket.send_fds(ours, [b"x"], [0])
    return socket.send_fds(socket.socket(fileno=os.dup(3)), [b"x"], [0])


# ---- processes --------------------------------------------------------------------------------


@attack
def start_a_process(t):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "forked"


@attack
def start_a_process_by_clone3(t):
    child = _call("clone", signal.SIGCHLD, 0, 0, 0, 0) if t["control"] else _call("clone3", bytes(88), 88)
    if child == 0:
        os._exit(0)
    return "cloned"


@attack
def fork_bomb(t):
    count = 0
    while True:
        os.fork()
        count += 1


@attack
def start_a_thread(t):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return "started"


@attack
def thread_bomb(t):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()


@attack
def run_a_program(t):
    return subprocess.run(["/usr/bin/env"], stdout=subprocess.PIPE, check=True).stdout.decode()


@attack
def become_a_program(t):
    os.execv("/bin/true", ["true"])


@attack
def run_a_shell(t):
    if os.system("true") != 0:
        raise OSError("no shell")
    return "ran"


@attack
def end_its_parent(t):
    os.kill(os.getppid(), signal.SIGKILL)
    return "killed"


@attack
def end_every_process(t):
    os.kill(-1, signal.SIGKILL)
    return "killed"


@attack
def end_a_process(t):
    os.kill(t["victim"], signal.SIGTERM)
    return "killed"


@attack
def end_a_process_by_its_descriptor(t):
    descriptor = _call("pidfd_open", t["victim"], 0)
    _call("pidfd_send_signal", descriptor, 0, None, 0)
    return "signalled"


@attack
def have_the_kernel_signal_a_process(t):
    import fcntl

    fcntl.fcntl(0, fcntl.F_SETOWN, t["victim"])
    return "set"


@attack
def trace_a_process(t):
    return str(_call("ptrace", 16, t["victim"], 0, 0))  # PTRACE_ATTACH


@attack
def limit_a_process(t):
    resource.prlimit(t["victim"], resource.RLIMIT_CORE, (0, 0))
    return "limited"


@attack
def bind_a_process_to_a_processor(t):
    os.sched_setaffinity(t["victim"], [0])
    return "bound"


@attack
def slow_a_process_down(t):
    return str(_call("setpriority", 0, t["victim"], 19))


@attack
def raise_its_own_limits(t):
    if t["control"]:
        resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE))
        return "set"
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "raised"


# ---- the kernel -------------------------------------------------------------------------------


@attack
def make_a_user_namespace(t):
    return str(_call("unshare", 0x10000000))


@attack
def enter_the_namespace_of_a_process(t):
    descriptor = os.open(f"/proc/{t['victim']}/ns/mnt", os.O_RDONLY)
    return str(_call("setns", descriptor, 0))


@attack
def mount_a_file_system(t):
    return str(_call("mount", b"proc", b".", b"proc", 0, None))


@attack
def change_the_root(t):
    return str(_call("chroot", b"/"))


@attack
def work_through_io_uring(t):
    return str(_call("io_uring_setup", 8, bytes(120)))


@attack
def load_a_kernel_program(t):
    return str(_call("bpf", 0, struct.pack("=IIIII", 1, 4, 4, 1, 0) + bytes(100), 120))


@attack
def watch_the_processor(t):
    return str(_call("perf_event_open", struct.pack("=II", 1, 112) + bytes(104), 0, -1, -1, 0))


@attack
def keep_a_kernel_key(t):
    return str(_call("add_key", b"user", t["mark"].encode(), b"x", 1, -3))


@attack
def handle_page_faults(t):
    return str(_call("userfaultfd", 1))


@attack
def make_a_file_without_a_name(t):
    return str(_call("memfd_create", b"x", 0))


@attack
def make_system_v_shared_memory(t):
    return str(_call("shmget", 0, 4096, 0o1600)) + "."


@attack
def set_a_timer(t):
    return str(_call("timer_create", 1, None, ctypes.create_string_buffer(8))) + "."


@attack
def watch_files(t):
    return str(_call("inotify_init1", 0))


@attack
def change_its_personality(t):
    return str(_call("personality", 0x0040000)) + "."


@attack
def install_a_filter_of_its_own(t):
    return str(_call("seccomp", 2, 0, struct.pack("=I", 0x7FFF0000)))  # is any action known?


@attack
def become_root(t):
    os.setresuid(0, 0, 0)
    return "root"


@attack
def rename_the_host(t):
    return str(_call("sethostname", b"owned", 5))


@attack
def type_into_the_terminal(t):
    import fcntl

    fcntl.ioctl(0, 0x5412, b"x")
    return "typed"


@attack
def call_by_the_numbers_of_another_architecture(t):
    return str(_libc.syscall(ctypes.c_long(0x40000000 + 39)))


# ---- memory, time -----------------------------------------------------------------------------


@attack
def take_memory(t):
    hoard = []
    while len(hoard) < 60:
        try:
            hoard.append(bytearray(20 << 20))
        except MemoryError:
            return f"bounded: {20 * len(hoard)} MiB" if len(hoard) < 26 else "too much"
    return f"{20 * len(hoard)} MiB"


@attack
def map_memory(t):
    return str(len(mmap.mmap(-1, 1 << 30)))


@attack
def take_descriptors(t):
    taken = []
    while len(taken) < _FEW // 8:
        try:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return f"bounded: {len(taken)}" if len(taken) < 64 else "too many"
    return f"{len(taken)} descriptors"


@attack
def crash_the_compiler(t):
    source = "x = " + "(" * 100_000 + ")" * 100_000
    compile(source, "bomb", "exec")
    return "compiled"


@attack
def compute_for_ever(t):
    while True:
        pass


@attack
def compute_for_ever_in_one_instruction(t):
    return len(str(7 ** (7**9))) if not t["control"] else 0


@attack
def sleep_for_ever(t):
    while True:
        time.sleep(1000)


@attack
def sleep_for_ever_and_ignore_signals(t):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        time.sleep(1000)


@attack
def answer_half_a_line(t):
    os.write(3, b'{"id": "')
    while True:
        time.sleep(1000)


# ---- answers ----------------------------------------------------------------------------------


@attack
def forge_an_answer(t):
    os.write(3, b'{"id": "1", "result": "{\\"forged\\": true}"}\n')
    return "forged"


@attack
def forge_the_zygotes_word(t):
    os.write(3, b'{"started": true}\n')
    return "forged"


@attack
def answer_the_next_call_as_well(t):
    frame = sys._getframe()
    while "number" not in frame.f_locals:
        frame = frame.f_back
    line = b'{"id": "%s", "result": "1"}\n' % frame.f_locals["number"].encode()
    os.write(3, line + line)
    return "twice"


@attack
def answer_garbage(t):
    os.write(3, b"\xff\x00garbage\n")
    return "garbage"


@attack
def flood_the_channel(t):
    while True:
        os.write(3, b"x" * 65536)


@attack
def answer_too_much(t):
    return "x" * (5 << 20)


@attack
def answer_too_deep(t):
    answer = []
    for _ in range(50_000):
        answer = [answer]
    sys.setrecursionlimit(1 << 20)
    return answer


@attack
def answer_in_a_circle(t):
    answer = []
    answer.append(answer)
    return answer


@attack
def answer_past_the_encoder(t):
    deep = "[" * 200_000 + "]" * 200_000
    frame = sys._getframe()
    while "number" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, b'{"id": "%s", "x": %s}\n' % (frame.f_locals["number"].encode(), deep.encode()))
    return "sent"


@attack
def close_the_channel(t):
    os.close(3)
    return "closed"


@attack
def leave(t):
    os._exit(0)


@attack
def crash(t):
    ctypes.string_at(0)


def main():
    """The control: NAME TARGETS, outside any sandbox. Prints what the attack got."""
    print(json.dumps(ATTACKS[sys.argv[1]](json.loads(sys.argv[2]))))


if __name__ == "__main__" and len(sys.argv) == 3:
    main()
