"""Escape: more rights, other processes, the network."""

from __future__ import annotations

from attacks.attack import CALLS, PORTABLE, Attack


def escapes(name: str, tries: str, statements: str, privileged: bool = False) -> Attack:
    """Return an attack that gets out where nothing confines it."""
    return Attack(name, tries, f"{statements}\n", PORTABLE, privileged)


def calls(name: str, tries: str, statements: str, privileged: bool = True) -> Attack:
    """Return an attack by a system call; most machines forbid some of them by themselves."""
    return Attack(name, tries, f"{CALLS}{statements}\n@WON@\n", PORTABLE, privileged)


PROGRAMS = [
    escapes("a_shell", "has a shell make a file", "import os\nos.system('touch @ROOM@/canary')"),
    escapes(
        "a_program",
        "runs a program",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-S', '-c', "
        "\"open('@ROOM@/canary', 'w')\"], check=True)",
    ),
    escapes(
        "becoming_a_program",
        "becomes another program, without a trace of Python's",
        "import os, sys\nos.execv(sys.executable, [sys.executable, '-I', '-S', '-c', "
        "\"open('@ROOM@/canary', 'w')\"])",
    ),
    escapes(
        "a_program_in_memory",
        "writes a program into memory and runs it, so that no file is executed",
        "import os\nmemory = os.memfd_create('program', 0)\n"
        "os.write(memory, b'#!/bin/sh\\ntouch @ROOM@/canary\\n')\n"
        "if os.fork() == 0:\n    try:\n        os.execve(memory, ['program'], {})\n"
        "    finally:\n        os._exit(1)\nos.wait()",
    ),
    escapes(
        "a_program_of_roots",
        "runs a program that makes its user root",
        "import subprocess\nsubprocess.run(['su', '--version'], check=True, stdout=-3)\n@WON@",
    ),
    escapes(
        "the_loader",
        "has the loader of shared libraries run a program",
        "import glob, subprocess, sys\nloader = glob.glob('/lib*/ld-linux-*.so.*')[0]\n"
        "subprocess.run([loader, sys.executable, '-I', '-S', '-c', "
        "\"open('@ROOM@/canary', 'w')\"], check=True)",
    ),
    escapes(
        "a_fork", "makes another process", "import os\nif os.fork() == 0:\n    os._exit(0)\n@WON@"
    ),
    escapes(
        "posix_spawn",
        "runs a program with posix_spawn",
        "import os\n"
        "os.waitpid(os.posix_spawn('/bin/sh', ['sh', '-c', 'touch @ROOM@/canary'], {}), 0)",
    ),
    calls(
        "a_bare_clone",
        "forks by the number of the call",
        "number = 220 if platform.machine() == 'aarch64' else 56\n"
        "child = must(libc.syscall(number, 17, 0, 0, 0, 0))\n"
        "if child == 0:\n    os._exit(0)\nos.waitpid(child, 0)",
        privileged=False,
    ),
    calls(
        "a_new_clone",
        "forks with clone3, whose arguments no filter can see",
        "facts = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)\n"
        "child = must(libc.syscall(435, facts, ctypes.c_size_t(88)))\n"
        "if child == 0:\n    os._exit(0)\nos.waitpid(child, 0)",
    ),
]

RIGHTS = [
    calls("a_user_namespace", "becomes root in a namespace", "must(libc.unshare(0x10000000))"),
    calls(
        "a_mount",
        "mounts a folder in namespaces of its own",
        "must(libc.unshare(0x10020000))\n"
        "must(libc.mount(b'none', b'/mnt', b'tmpfs', ctypes.c_ulong(0), b'size=4k'))",
    ),
    calls("another_root", "changes its root folder", "os.chroot('/usr')"),
    calls(
        "anothers_namespace",
        "joins the namespaces of another process",
        "must(libc.setns(os.open('/proc/@VICTIM@/ns/net', os.O_RDONLY), 0))",
    ),
    calls(
        "privileges",
        "asks the kernel for all privileges",
        "head = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "every = (ctypes.c_uint32 * 6)(*[0x3FFFF] * 6)\nmust(libc.capset(head, every))",
    ),
    calls(
        "privileges_that_are_left",
        "looks whether it still has a privilege",
        "head, has = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
        "must(libc.capget(head, has))\n"
        "if not any(has):\n    raise PermissionError('Operation not permitted')",
    ),
    calls("another_user", "becomes another user", "os.setresuid(1, 1, 1)"),
    calls("more_groups", "joins a group", "os.setgroups([0, 4, 6])"),
    calls(
        "memory_without_bounds",
        "lifts the limit on its memory, and takes 64 GiB of addresses",
        "import mmap, resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)\n"
        "mmap.mmap(-1, 2**36, flags=mmap.MAP_PRIVATE | 0x4000)",
    ),
    calls(
        "dying_with_its_parent",
        "takes back that it ends with its parent",
        "must(libc.prctl(1, 0, 0, 0, 0))",
        privileged=False,
    ),
    calls(
        "its_name", "calls itself otherwise", "must(libc.prctl(15, b'@MARKER@', 0, 0, 0))", False
    ),
    calls(
        "a_foster_parent",
        "becomes the parent of orphans",
        "must(libc.prctl(36, 1, 0, 0, 0))",
        privileged=False,
    ),
    Attack(
        "another_instruction_set",
        "calls the kernel as a 32-bit program, where the numbers mean other things",
        CALLS + "import mmap\n"
        "page = mmap.mmap(-1, 4096, prot=7, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "page.write(bytes.fromhex('53b83601000031dbcd805bc3'))  # unshare(0) through int 0x80\n"
        "start = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "if ctypes.CFUNCTYPE(ctypes.c_int)(start)() == 0:\n    @WON@\n",
        leaks=PORTABLE,
        privileged=True,
        machine="x86_64",
    ),
    Attack(
        "another_table_of_calls",
        "calls the kernel by the numbers of the x32 ABI",
        f"{CALLS}must(libc.syscall(0x40000000 + 39))\n@WON@\n",
        leaks=PORTABLE,
        privileged=True,
        machine="x86_64",
    ),
    calls(
        "io_uring",
        "hands its calls to a queue that filters don't see",
        "must(libc.syscall(425, 1, ctypes.create_string_buffer(120)))",
    ),
    calls(
        "bpf",
        "loads a program into the kernel",
        "number = 280 if platform.machine() == 'aarch64' else 321\n"
        "facts = (ctypes.c_uint32 * 32)(2, 4, 4, 1)\n"
        "must(libc.syscall(number, 0, facts, ctypes.c_uint(128)))",
    ),
    calls(
        "performance_counters",
        "opens a counter of the kernel's",
        "number = 241 if platform.machine() == 'aarch64' else 298\n"
        "facts = (ctypes.c_uint32 * 32)(1, 128)\n"
        "must(libc.syscall(number, facts, 0, -1, -1, ctypes.c_ulong(0)))",
    ),
    calls(
        "page_faults",
        "handles page faults itself, as attacks on the kernel do",
        "number = 282 if platform.machine() == 'aarch64' else 323\nmust(libc.syscall(number, 1))",
    ),
    calls(
        "comparing_processes",
        "compares its resources with those of another process",
        "number = 272 if platform.machine() == 'aarch64' else 312\n"
        "must(libc.syscall(number, os.getpid(), @VICTIM@, 1, 0, 0))",
    ),
    calls(
        "its_personality",
        "turns the randomness of addresses off",
        "must(libc.personality(ctypes.c_ulong(0x0040000)))",
    ),
    calls("a_log_of_the_kernel", "reads the kernel's log", "must(libc.klogctl(10, None, 0))"),
    calls(
        "the_kernels_messages",
        "opens a device",
        "os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)",
    ),
    Attack(
        "restarting_the_machine",
        "asks the kernel to restart, with the wrong magic numbers",
        f"{CALLS}number = 142 if platform.machine() == 'aarch64' else 169\n"
        "libc.syscall(number, 1, 2, 3, 0)\n"
        "if ctypes.get_errno() == 22:  # an invalid number, not: not permitted\n    @WON@\n",
        unsafe="a mistake in it would restart the machine",
    ),
]

SIGNALS = [
    escapes("ending_another", "ends another process", "import os\nos.kill(@VICTIM@, 15)"),
    escapes("stopping_another", "stops another process", "import os\nos.kill(@VICTIM@, 19)"),
    escapes(
        "ending_another_by_handle",
        "ends another process through a handle",
        "import os, signal\nsignal.pidfd_send_signal(os.pidfd_open(@VICTIM@), 15)",
    ),
    escapes(
        "ending_a_thread_of_another",
        "ends another process by one of its threads",
        f"{CALLS}number = 130 if platform.machine() == 'aarch64' else 200\n"
        "must(libc.syscall(number, @VICTIM@, 15))",
    ),
    escapes(
        "a_queued_signal",
        "sends another process a signal with a value",
        f"{CALLS}must(libc.sigqueue(@VICTIM@, 15, ctypes.c_void_p(1)))",
    ),
    escapes(
        "a_signal_by_a_pipe",
        "makes another process the owner of a pipe, and has the kernel signal it",
        "import fcntl, os\nreading, writing = os.pipe()\n"
        "fcntl.fcntl(reading, fcntl.F_SETOWN, @VICTIM@)\n"
        "fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)\nos.write(writing, b'x')",
    ),
    escapes(
        "a_signal_to_its_parent",
        "signals its parent",
        "import os, signal\nos.kill(os.getppid(), signal.SIGUSR1)\n@WON@",
    ),
    Attack(
        "killing_its_parent",
        "kills its parent",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n@WON@\n",
        unsafe="its parent is the process that runs these tests",
    ),
    Attack(
        "killing_all",
        "kills every process that it may kill",
        "import os\nos.kill(-1, 9)\n@WON@\n",
        unsafe="as root it would end every process of the machine",
    ),
    Attack("killing_its_group", "kills its process group", "import os\nos.kill(0, 9)\n"),
    Attack(
        "typing",
        "types into the instructor's terminal",
        "import fcntl, os, termios\n"
        "fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), termios.TIOCSTI, b'x')\n@WON@\n",
    ),
]

NETWORK = [
    escapes(
        "tcp",
        "connects to a server",
        "import socket\nsocket.create_connection(('127.0.0.1', @TCP@), 5)",
    ),
    escapes(
        "udp",
        "sends a datagram",
        "import socket\n"
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'hello', ('127.0.0.1', @UDP@))",
    ),
    escapes(
        "a_server",
        "opens a port of its own",
        "import socket\nsocket.create_server(('127.0.0.1', 0))\n@WON@",
    ),
    escapes(
        "a_local_socket",
        "connects to a socket that is a file",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('@ROOM@/socket')",
    ),
    escapes(
        "a_socket_without_a_file",
        "connects to an abstract socket",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0@MARKER@')",
    ),
    escapes(
        "netlink",
        "asks the kernel about the network",
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))\n@WON@",
    ),
    calls(
        "raw_packets",
        "listens to every packet",
        "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    ),
    escapes(
        "names_of_hosts",
        "has the C library look up a name",
        "import socket\nsocket.getaddrinfo('localhost', @TCP@)\n"
        "socket.create_connection(('localhost', @TCP@), 5)",
    ),
]

ATTACKS = [*PROGRAMS, *RIGHTS, *SIGNALS, *NETWORK]
