"""Exhaustion: time, memory, disk, and patience."""

from __future__ import annotations

from attacks.attack import COMPUTING, PORTABLE, WAITING, Attack, answering

TOO_SLOW = ("too slow", "died")
TOO_MUCH = ("crashed", "died")


def one_function(body: str, before: str = "") -> str:
    """Return a module with one function: a costly attack need not be made seven times."""
    return answering(body, before, ["mse_loss"])


def loops(name: str, tries: str, module: str) -> Attack:
    """Return an attack that only a limit on processor time ends."""
    return Attack(name, tries, module, wall=COMPUTING, ends=TOO_SLOW)


def waits(name: str, tries: str, module: str) -> Attack:
    """Return an attack that only a limit on time ends."""
    return Attack(name, tries, module, wall=WAITING, ends=TOO_SLOW)


def greedy(name: str, tries: str, statements: str, before: str = "") -> Attack:
    """Return an attack that only a limit on memory ends."""
    return Attack(name, tries, one_function(f"{statements}\nreturn 0.0", before), ends=TOO_MUCH)


TIME = [
    loops("a_loop_on_import", "never ends its import", "while True: pass\n"),
    loops("a_loop_in_a_call", "never returns", one_function("while True: pass")),
    loops(
        "ignoring_every_signal",
        "ignores every signal and exception, and lifts its limits as far as it can",
        "import resource, signal\nfor number in range(1, 65):\n"
        "    try:\n        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\n"
        "hard = resource.getrlimit(resource.RLIMIT_CPU)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))\n"
        "while True:\n    try:\n        while True: pass\n"
        "    except BaseException:\n        pass\n",
    ),
    waits("sleeping", "waits without computing", "import time\ntime.sleep(1000)\n"),
    waits(
        "stopping_itself",
        "stops, and waits to be continued",
        "import os\nos.kill(os.getpid(), 19)\n",
    ),
    waits(
        "in_c",
        "computes in C, where Python can't interrupt it",
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')\n",
    ),
    waits(
        "closing_its_pipe",
        "closes everything that it has open, and waits",
        "import os, time\nos.closerange(0, 100)\ntime.sleep(1000)\n",
    ),
    waits(
        "alarms",
        "has itself interrupted a hundred thousand times a second",
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\n"
        "signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)\nwhile True: pass\n",
    ),
    waits(
        "memory_errors_caught",
        "goes on asking for memory after each refusal",
        "hoard = []\nwhile True:\n    try:\n        hoard.append(bytearray(2**26))\n"
        "    except MemoryError:\n        pass\n",
    ),
    Attack(
        "threads_that_compute",
        "computes in eight threads",
        "import threading\nfor _ in range(8):\n"
        "    threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()\n"
        "while True: pass\n",
        wall=WAITING,
        ends=("crashed", *TOO_SLOW),
    ),
]

MEMORY = [
    greedy(
        "arrays",
        "fills memory with arrays",
        "while True: hoard.append(np.ones(2**22))",
        "import numpy as np\nhoard = []\n",
    ),
    greedy("one_large_array", "asks for 8 TiB", "np.ones(2**40)", "import numpy as np\n"),
    greedy(
        "addresses",
        "maps memory that it doesn't use",
        "while True: hoard.append(mmap.mmap(-1, 2**28))",
        "import mmap\nhoard = []\n",
    ),
    greedy(
        "a_list",
        "makes a list that grows",
        "while True: hoard.extend([0.0] * 2**22)",
        "hoard = []\n",
    ),
    greedy("a_text", "doubles a text", "text = 'x'\nwhile True: text += text"),
    greedy(
        "a_stretched_array",
        "copies an array that only seems small",
        "np.broadcast_to(0.0, (10**6, 10**6)).copy()",
        "import numpy as np\n",
    ),
    Attack(
        "a_stack",
        "recurses without a limit",
        one_function("return answer()", "import sys\nsys.setrecursionlimit(10**9)\n"),
        wall=WAITING,
        ends=(*TOO_MUCH, *TOO_SLOW),
    ),
    greedy(
        "a_stack_of_c",
        "has C recurse: shows lists in lists",
        "one = []\nfor _ in range(10**6): one = [one]\nrepr(one)",
        "import sys\nsys.setrecursionlimit(10**9)\n",
    ),
    Attack(
        "memory_as_a_file",
        "fills a file in memory",
        "import os\nfile = os.memfd_create('hoard')\nfor _ in range(64):\n"
        "    os.write(file, bytes(2**20))\n@WON@\n",
    ),
    Attack(
        "threads",
        "starts 200 threads that wait",
        "import threading, time\nfor _ in range(200):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
    ),
    Attack(
        "open_files",
        "opens files until there are no more",
        "import os\nhoard = []\ntry:\n    while len(hoard) < 5_000: hoard.append(os.dup(1))\n"
        "except OSError:\n    pass\n",
    ),
]

DISK = [
    Attack(
        "a_full_disk",
        "writes 32 files of 1 MiB",
        "for number in range(32):\n    open(f'@ROOM@/{number}', 'wb').write(bytes(2**20))\n",
        leaks=PORTABLE,
    ),
    Attack(
        "a_full_folder",
        "makes 500 empty files",
        "for number in range(500):\n    open(f'@ROOM@/{number}', 'wb').close()\n",
        leaks=PORTABLE,
    ),
    Attack(
        "its_own_disk",
        "fills its own folder, if it has one",
        "for number in range(64):\n    open(f'{number}', 'wb').write(bytes(2**20))\n",
    ),
    Attack(
        "its_own_folder",
        "fills its own folder with empty files, if it has one",
        "for number in range(2_000):\n    open(f'{number}', 'wb').close()\n",
    ),
    Attack(
        "a_file_with_holes",
        "makes a file of 1 TiB that is empty",
        "import os\nfile = os.open('holes', os.O_CREAT | os.O_WRONLY)\nos.ftruncate(file, 2**40)\n"
        "@WON@\n",
    ),
]

OUTPUT = [
    Attack("printing", "prints 100 MB", "for _ in range(100):\n    print('x' * 10**6)\n"),
    Attack(
        "printing_past_python",
        "writes 64 MiB to the standard streams themselves",
        "import os\nfor _ in range(64):\n    for handle in (1, 2):\n"
        "        try:\n            os.write(handle, bytes(2**19))\n        except OSError:\n"
        "            pass\n",
    ),
    Attack(
        "a_long_message",
        "raises with a message of 50 MB",
        one_function("raise ValueError('x' * 5 * 10**7)"),
    ),
    Attack(
        "a_long_name",
        "raises an exception whose name is 10 MB long",
        one_function("raise type('E' * 10**7, (Exception,), {})"),
    ),
    Attack("a_long_line", "crashes on a line of 500 kB", f"1 / 0 #{'x' * 500_000}\n"),
    Attack(
        "a_deep_traceback",
        "crashes 900 calls down",
        one_function("return f(900)", "def f(n): return f(n - 1) if n else 1 / 0\n"),
    ),
]

RESULTS = [
    Attack(
        "a_large_array", "returns 80 MB", one_function("return __import__('numpy').zeros(10**7)")
    ),
    Attack(
        "many_large_arrays",
        "returns arrays that are just small enough, a hundred times",
        one_function("return [np.zeros(2**21)] * 100", "import numpy as np\n"),
    ),
    Attack("a_large_text", "returns a text of 100 MB", one_function("return 'x' * 10**8")),
    Attack("a_large_int", "returns an int of a million bits", one_function("return 1 << 10**6")),
    Attack("a_long_list", "returns a list of a million", one_function("return [0.0] * 10**6")),
    Attack(
        "a_large_dict",
        "returns a dict of 300,000",
        one_function("return dict.fromkeys(map(str, range(300_000)))"),
    ),
    Attack(
        "a_deep_list",
        "returns lists in lists, 100,000 deep",
        one_function("one = []\nfor _ in range(10**5): one = [one]\nreturn one"),
    ),
    Attack(
        "a_tree_that_doubles",
        "returns 2**60 items in 60 lists",
        one_function("one = []\nfor _ in range(60): one = [one, one]\nreturn one"),
    ),
    Attack(
        "many_dimensions",
        "returns an array of 30 dimensions",
        one_function("return np.zeros((1,) * 30)", "import numpy as np\n"),
    ),
]

CRASHES = [
    Attack(
        "a_null_pointer", "reads address 0", "import ctypes\nctypes.string_at(0)\n", ends=("died",)
    ),
    Attack("an_abort", "aborts", "import os\nos.abort()\n", ends=("died",)),
    Attack(
        "a_call_to_nowhere",
        "jumps to a random address",
        "import ctypes\nctypes.CFUNCTYPE(None)(0xDEAD)()\n",
        ends=("died",),
    ),
    Attack(
        "a_crash_in_a_call",
        "crashes in every function",
        one_function("import ctypes; ctypes.string_at(0)"),
        ends=("died",),
    ),
    Attack(
        "closing_everything",
        "closes everything that is open",
        "import os\nos.closerange(0, 100)\n",
        ends=("died", "too slow"),
    ),
]

ATTACKS = [*TIME, *MEMORY, *DISK, *OUTPUT, *RESULTS, *CRASHES]
