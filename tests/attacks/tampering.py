"""Tampering: changing other people's work, results, or what comes next."""

from __future__ import annotations

from attacks.attack import CALLS, PORTABLE, Attack


def changes(name: str, tries: str, statements: str, privileged: bool = False) -> Attack:
    """Return an attack that changes something where nothing confines it."""
    return Attack(name, tries, f"import os\n{statements}\n", PORTABLE, privileged)


ADA = "@ROOM@/submissions/ada/losses.py"

FILES = [
    changes(
        "anothers_submission",
        "overwrites another student's work before it is graded",
        f"open('{ADA}', 'w').write('')",
    ),
    changes("appending", "adds a line to it", f"open('{ADA}', 'a').write('1 / 0')"),
    changes("truncating", "cuts it off by its name", f"os.truncate('{ADA}', 3)"),
    changes("removing", "removes it", f"os.remove('{ADA}')"),
    changes("renaming", "takes it away to its own folder", f"os.rename('{ADA}', 'mine.py')"),
    changes(
        "replacing",
        "puts a link in its place",
        f"os.symlink('{ADA}', '@ROOM@/l')\nos.replace('@ROOM@/l', '{ADA}')",
    ),
    changes("its_mode", "hides it from its owner's group", f"os.chmod('{ADA}', 0o400)"),
    changes("its_owner", "gives it to somebody else", f"os.chown('{ADA}', 1, 1)", privileged=True),
    changes("its_time", "makes it late", f"os.utime('{ADA}', (0, 4e9))"),
    changes(
        "its_attributes",
        "marks it with an attribute",
        f"os.setxattr('{ADA}', 'user.late', b'yes')",
        privileged=True,
    ),
    changes("a_second_name", "gives it a second name", f"os.link('{ADA}', '@ROOM@/second.py')"),
    changes(
        "a_map", "writes to it through memory", f"import numpy as np\nnp.memmap('{ADA}')[:] = 35"
    ),
    changes("a_file_of_its_own", "leaves a file beside it", "open('@ROOM@/canary', 'w').close()"),
    changes("a_folder", "leaves a folder", "os.mkdir('@ROOM@/canary')"),
    changes("a_pipe", "leaves a named pipe", "os.mkfifo('@ROOM@/canary')"),
    changes(
        "a_device",
        "makes a device",
        "import stat\nos.mknod('@ROOM@/canary', stat.S_IFCHR | 0o666, os.makedev(1, 3))",
        privileged=True,
    ),
    changes(
        "the_results",
        "gives itself full marks in the grades",
        "open('@ROOM@/results/grades.csv', 'a').write('eve,100\\n')",
    ),
    changes(
        "the_gradebook",
        "gives itself full marks in the database",
        "import sqlite3\nwith sqlite3.connect('@ROOM@/gradebook.db') as book:\n"
        "    book.execute('update grade set points = 100')",
    ),
    changes(
        "the_autograder",
        "opens the autograder's own files for writing",
        "import autograder\nopen(autograder.__file__, 'r+b').close()\n@WON@",
    ),
    Attack(
        "the_environment_of_python",
        "leaves code in site-packages that every later Python runs",
        "import numpy, os\n"
        "folder = os.path.dirname(os.path.dirname(numpy.__file__))\n"
        "open(os.path.join(folder, '@MARKER@.pth'), 'w').write('# a line of code\\n')\n",
        unsafe="it would change the Python that runs these tests",
    ),
    changes(
        "numpy_itself",
        "opens a file of NumPy for writing",
        "import numpy\nopen(numpy.linalg.__file__, 'r+b').close()\n@WON@",
    ),
    changes(
        "settings_of_the_kernel",
        "opens a setting of the kernel for writing",
        "open('/proc/sys/kernel/core_pattern', 'r+b').close()\n@WON@",
        privileged=True,
    ),
    changes(
        "the_name_of_the_machine",
        "sets the machine's name, to what it is",
        "import socket\nsocket.sethostname(socket.gethostname())\n@WON@",
        privileged=True,
    ),
]

NOTES = [
    Attack(
        "a_note_in_its_folder",
        "leaves a note in its folder for the next submission",
        "open('note-@MARKER@', 'w').write('hello')\n",
        then="import os\nif os.path.exists('note-@MARKER@'):\n    @WON@\n",
    ),
    Attack(
        "a_note_in_tmp",
        "leaves a note in the folder for temporary files",
        "open('@TEMP@/@MARKER@', 'w').write('hello')\n",
        leaks=PORTABLE,
        then="import os\nif os.path.exists('@TEMP@/@MARKER@'):\n    @WON@\n",
    ),
    Attack(
        "a_note_in_shared_memory_files",
        "leaves a note in /dev/shm",
        "open('/dev/shm/note-@MARKER@', 'w').write('hello')\n",
        leaks=PORTABLE,
        then="import os\nif os.path.exists('/dev/shm/note-@MARKER@'):\n    @WON@\n",
    ),
    Attack(
        "a_note_in_shared_memory",
        "leaves a note in System V shared memory",
        f"{CALLS}must(libc.shmget(@KEY@, 4096, 0o1666))\n",
        leaks=PORTABLE,
        then=f"{CALLS}must(libc.shmget(@KEY@, 4096, 0))\n@WON@\n",
    ),
    Attack(
        "a_note_in_a_keyring",
        "leaves a note in the user's keyring",
        f"{CALLS}arm = platform.machine() == 'aarch64'\n"
        "key = must(libc.syscall(217 if arm else 248, b'user', b'@MARKER@', b'hello', 5, -4))\n"
        "must(libc.syscall(219 if arm else 250, 15, key, 60))  # it is forgotten in a minute\n"
        "@WON@\n",
        leaks=PORTABLE,
        privileged=True,
    ),
    Attack(
        "a_note_in_numpy",
        "changes NumPy for the next submission",
        "import numpy\nnumpy.note = numpy.mean = lambda *a, **k: 0.0\n",
        then="import numpy\nif hasattr(numpy, 'note'):\n    @WON@\n",
    ),
    Attack(
        "a_note_in_the_modules",
        "leaves a module, an import hook and a builtin for the next submission",
        "import builtins, sys, types\n"
        "builtins.note = sys.modules['note'] = types.ModuleType('note')\n"
        "sys.meta_path.insert(0, None)\n",
        then="import builtins, sys\nif hasattr(builtins, 'note') or 'note' in sys.modules:\n"
        "    @WON@\n",
    ),
    Attack(
        "a_note_in_the_checks",
        "makes every check look at nothing, for all who come after",
        "from autograder.catalogue import EXERCISES\n"
        "for check in EXERCISES['losses'].checks:\n"
        "    object.__setattr__(check, 'look', lambda *a: None)\n",
    ),
    Attack(
        "a_note_in_a_map",
        "writes into every anonymous map that it shares with its parent",
        "import gc, mmap\nfor one in gc.get_objects():\n"
        "    if isinstance(one, mmap.mmap):\n        one[:5] = b'hello'\n",
    ),
]

PROCESSES = [
    changes(
        "priority",
        "makes another process slow",
        "os.setpriority(os.PRIO_PROCESS, @VICTIM@, 19)",
    ),
    changes(
        "limits",
        "takes another process's files away",
        "import resource\nresource.prlimit(@VICTIM@, resource.RLIMIT_NOFILE, (64, 64))",
    ),
    changes(
        "out_of_memory_score",
        "has the kernel end another process first",
        "open('/proc/@VICTIM@/oom_score_adj', 'w').write('500')",
    ),
    changes(
        "memory",
        "writes into another process's memory",
        CALLS
        + "text = ctypes.create_string_buffer(b'changed')\n"
        + "here = (ctypes.c_size_t * 2)(ctypes.addressof(text), 8)\n"
        + "there = (ctypes.c_size_t * 2)(@VICTIM_ADDRESS@, 8)\n"
        + "must(libc.process_vm_writev(@VICTIM@, here, 1, there, 1, 0))",
        privileged=True,
    ),
]

ATTACKS = [*FILES, *NOTES, *PROCESSES]
