"""Reading: answers, secrets and other people's work."""

from __future__ import annotations

from attacks.attack import CALLS, PORTABLE, Attack, answering

HUNT = """\
def hunt(things):
    for thing in things:
        text = thing if isinstance(thing, bytes) else thing.encode("utf-8", "replace")
        at = text.find(b"treas" + b"ure-")
        if at >= 0:
            print(text[at : at + 60])
"""
"""Prints every secret among texts, and isn't found by itself."""


def reads(name: str, tries: str, statement: str, privileged: bool = False) -> Attack:
    """Return an attack that reads where nothing confines it."""
    return Attack(name, tries, statement + "\n", PORTABLE, privileged)


def hunts(name: str, tries: str, statements: str) -> Attack:
    """Return an attack that finds nothing anywhere: there is nothing to be found."""
    return Attack(name, tries, HUNT + statements + "\n")


FILES = [
    reads(
        "the_solution",
        "prints the reference",
        "print(open('@SOLUTIONS@/losses.py').read()[-900:])",
    ),
    reads(
        "the_solution_as_its_own",
        "imports the reference and hands it in as its own",
        "import importlib.util as u\n"
        "spec = u.spec_from_file_location('theirs', '@SOLUTIONS@/losses.py')\n"
        "theirs = u.module_from_spec(spec)\nspec.loader.exec_module(theirs)\n"
        "globals().update({k: v for k, v in vars(theirs).items() if callable(v)})",
    ),
    reads(
        "the_solution_by_the_path",
        "puts the course on the path and imports its folder of solutions",
        "import sys\nsys.path.insert(0, '@SOLUTIONS@/..')\nfrom solutions.losses import *",
    ),
    reads(
        "the_solution_by_our_own_loader",
        "has the autograder load the reference for it",
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, '@SOLUTIONS@/..')\n"
        "from autograder.core.workbook import Workbook\nsys.meta_path.pop(0)\n"
        "theirs = Workbook(Path('@SOLUTIONS@'), ['losses']).module('losses')\n"
        "globals().update({k: v for k, v in vars(theirs).items() if callable(v)})",
    ),
    reads(
        "the_known_mistakes",
        "prints the instructor's catalogue of mistakes",
        "print(open('@SOLUTIONS@/mistakes/losses.toml').read()[:1900])",
    ),
    reads("a_secret_file", "opens the secret by its name", "print(open('@SECRET_FILE@').read())"),
    reads(
        "climbing_out",
        "reaches the secret by a path relative to its own folder",
        "print(open('../' * 40 + '.@SECRET_FILE@').read())",
    ),
    reads(
        "by_a_folder_handle",
        "opens the root folder as a handle, and the secret relative to it",
        "import os\nroot = os.open('/', os.O_PATH)\n"
        "print(os.read(os.open('.@SECRET_FILE@', os.O_RDONLY, dir_fd=root), 99))",
    ),
    reads(
        "by_a_link_of_its_own",
        "makes a link to the secret and reads that",
        "import os\nos.symlink('@SECRET_FILE@', 'mine.txt')\nprint(open('mine.txt').read())",
    ),
    reads(
        "by_a_hard_link",
        "gives the secret a second name in its own folder",
        "import os\nos.link('@SECRET_FILE@', 'mine.txt')\nprint(open('mine.txt').read())",
    ),
    reads(
        "by_numpy",
        "reads with NumPy, past the hooks of Python",
        "import numpy as np\nprint(np.fromfile('@SECRET_FILE@', dtype='S60')[0])",
    ),
    reads(
        "by_a_map",
        "maps the secret into memory",
        "import numpy as np\nprint(bytes(np.memmap('@SECRET_FILE@', mode='r')))",
    ),
    reads(
        "by_linecache",
        "has the traceback's own module read a line",
        "import linecache\nprint(linecache.getline('@SECRET_FILE@', 1))",
    ),
    reads(
        "by_c",
        "reads with the C library",
        CALLS
        + "text = ctypes.create_string_buffer(99)\nlibc.fopen.restype = ctypes.c_void_p\n"
        + "file = libc.fopen(b'@SECRET_FILE@', b'r')\nassert file, 'refused'\n"
        + "libc.fgets(text, 99, ctypes.c_void_p(file))\nprint(text.value)",
    ),
    reads(
        "by_a_new_call",
        "opens the secret with openat2, which old filters don't know",
        CALLS
        + "how = (ctypes.c_uint64 * 3)()\n"
        + "file = must(libc.syscall(437, -100, b'@SECRET_FILE@', how, ctypes.c_size_t(24)))\n"
        + "print(os.read(file, 99))",
    ),
    reads(
        "by_its_handle",
        "opens the secret by its number in the file system, past every folder",
        CALLS
        + "handle = (ctypes.c_uint * 40)(128)\nmount = ctypes.c_int()\n"
        + "must(libc.name_to_handle_at(-100, b'@SECRET_FILE@', handle, ctypes.byref(mount), 0))\n"
        + "folder = must(libc.open(b'@ROOM@', 0))\n"
        + "print(os.read(must(libc.open_by_handle_at(folder, handle, 0)), 99))",
        privileged=True,
    ),
    reads(
        "other_peoples_work",
        "prints every other submission",
        "from pathlib import Path\n"
        "for path in sorted(Path('@ROOM@').rglob('*.py')):\n    print(path.read_text())",
    ),
    reads("names", "lists the instructor's folder", "import os\nprint(os.listdir('@ROOM@'))"),
    Attack(
        "existence",
        "asks how large a file is that it can't read",
        "import os\nif os.stat('@SECRET_FILE@').st_size:\n    @WON@\n",
        leaks=("portable", "base"),  # Landlock doesn't cover it
    ),
    reads(
        "a_database",
        "opens the gradebook with SQLite",
        "import sqlite3\n"
        "print(sqlite3.connect('file:@ROOM@/gradebook.db?mode=ro', uri=True)"
        ".execute('select * from grade').fetchall())",
    ),
    reads("users", "reads the list of users", "print(open('/etc/passwd').read()[:500])"),
    reads(
        "shared_memory_files",
        "reads what others keep in /dev/shm",
        "print(open('/dev/shm/@MARKER@').read())",
    ),
]

PROCESSES = [
    reads(
        "the_environment_of_others",
        "reads another process's environment",
        "print(open('/proc/@VICTIM@/environ').read()[-200:])",
    ),
    reads(
        "the_command_line_of_others",
        "reads another process's arguments",
        "print(open('/proc/@VICTIM@/cmdline').read()[-200:])",
    ),
    reads(
        "the_files_of_others",
        "reads a file that another process has open",
        "print(open('/proc/@VICTIM@/fd/@VICTIM_FILE@').read())",
    ),
    reads(
        "the_memory_of_others",
        "reads another process's memory as a file",
        "memory = open('/proc/@VICTIM@/mem', 'rb', 0)\nmemory.seek(@VICTIM_ADDRESS@)\n"
        "print(memory.read(60))",
        privileged=True,
    ),
    reads(
        "the_memory_of_the_grader",
        "reads its parent's memory as a file",
        "import os\nmemory = open(f'/proc/{os.getppid()}/mem', 'rb', 0)\n"
        "memory.seek(@GRADER_ADDRESS@)\nprint(memory.read(60))",
        privileged=True,
    ),
    reads(
        "copying_memory",
        "copies another process's memory with process_vm_readv",
        CALLS
        + "text = ctypes.create_string_buffer(60)\n"
        + "here = (ctypes.c_size_t * 2)(ctypes.addressof(text), 60)\n"
        + "there = (ctypes.c_size_t * 2)(@VICTIM_ADDRESS@, 60)\n"
        + "must(libc.process_vm_readv(@VICTIM@, here, 1, there, 1, 0))\nprint(text.value)",
        privileged=True,
    ),
    reads(
        "debugging",
        "attaches to another process as a debugger",
        CALLS
        + "libc.ptrace.restype = ctypes.c_long\n"
        + "def trace(what, at=0):\n"
        + "    return libc.ptrace(ctypes.c_long(what), @VICTIM@, ctypes.c_void_p(at), None)\n"
        + "must(trace(16))\nos.waitpid(@VICTIM@, 0)\n"
        + "words = [trace(2, @VICTIM_ADDRESS@ + 8 * i) % 2**64 for i in range(6)]\n"
        + "trace(17)\nprint(b''.join(word.to_bytes(8, 'little') for word in words))",
        privileged=True,
    ),
    reads(
        "taking_a_file_over",
        "takes an open file from another process with pidfd_getfd",
        CALLS
        + "other = must(libc.syscall(434, @VICTIM@, 0))\n"
        + "file = must(libc.syscall(438, other, @VICTIM_FILE@, 0))\n"
        + "print(os.pread(file, 99, 0))",
        privileged=True,
    ),
    reads(
        "by_the_root_of_others",
        "reaches the secret through the root folder of another process",
        "print(open('/proc/@VICTIM@/root@SECRET_FILE@').read())",
        privileged=True,
    ),
    reads(
        "by_its_own_root",
        "reaches the secret through /proc/self/root",
        "print(open('/proc/self/root@SECRET_FILE@').read())",
    ),
    reads(
        "who_else_is_there",
        "lists the machine's processes",
        "import os\nif '@VICTIM@' in os.listdir('/proc'):\n    @WON@",
    ),
]

ITSELF = [
    hunts(
        "its_environment",
        "looks through its own environment, as Python and as C know it",
        "import ctypes, os\nhunt([f'{k}={v}' for k, v in os.environ.items()])\n"
        "libc = ctypes.CDLL(None)\nlibc.getenv.restype = ctypes.c_char_p\n"
        "hunt([libc.getenv(b'COURSE_TOKEN') or b''])\n"
        "try:\n    hunt([open('/proc/self/environ').read()])\nexcept OSError:\n    pass",
    ),
    hunts(
        "its_objects",
        "looks through every text in its own memory that Python knows of",
        "import gc\n"
        "for one in gc.get_objects():\n"
        "    hunt(x for x in gc.get_referents(one) if type(x) in (str, bytes))",
    ),
    Attack(
        "its_heap",
        "looks through its memory around its own objects, whatever is there",
        HUNT
        + "import ctypes\nstart = id(object()) // 2**12 * 2**12\n"
        + "hunt(ctypes.string_at(start + 2**12 * i, 2**12) for i in range(2_000))\n",
    ),
    hunts(
        "its_modules",
        "looks for the reference or the grader among loaded modules",
        "import sys\nbad = ('solutions', 'grading.engine', 'grading.store', 'authoring')\n"
        "found = [n for n in sys.modules if any(b in n for b in bad)]\n"
        "if found:\n    @WON@",
    ),
    hunts(
        "its_callers",
        "looks for expected numbers in the variables of its callers",
        "import sys\nframe = sys._getframe()\nwhile frame := frame.f_back:\n"
        "    for name in ('expected', 'reference', 'kept', 'secret', '_secret', 'solutions'):\n"
        "        if name in frame.f_locals:\n            @WON@\n"
        "    hunt(map(repr, frame.f_locals.values()))",
    ),
    Attack(
        "its_callers_in_a_call",
        "does the same while it is being checked, in every thread",
        answering(
            "for frame in sys._current_frames().values():\n"
            "    while frame := frame.f_back:\n"
            "        for name in ('expected', 'reference', 'kept', 'secret', 'solutions'):\n"
            "            if name in frame.f_locals:\n                @WON@\n"
            "        hunt(map(repr, frame.f_locals.values()))",
            f"import sys\n{HUNT}",
        ),
    ),
    hunts(
        "its_open_files",
        "reads every file descriptor that it may have inherited",
        "import os\nfor handle in range(3, 300):\n"
        "    try:\n        hunt([os.pread(handle, 10_000, 0)])\n    except OSError:\n        pass",
    ),
    hunts(
        "its_arguments",
        "looks for secrets in its own command line and paths",
        "import sys\nhunt([*sys.argv, *sys.orig_argv, *sys.path, *map(str, sys.flags)])",
    ),
]

ATTACKS = [*FILES, *PROCESSES, *ITSELF]
