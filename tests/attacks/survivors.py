"""Survivors: something that is still there when grading goes on."""

from __future__ import annotations

from attacks.attack import PORTABLE, Attack, answering

NAMED = """\
import ctypes, os, time
reading, writing = os.pipe()
def stay():
    ctypes.CDLL(None).prctl(15, b"@MARKER@", 0, 0, 0)
    os.write(writing, b"x")
    time.sleep(60)
    os._exit(0)
"""
"""What a survivor does: it takes a name by which it is found, and ends after a minute."""

ATTACKS = [
    Attack(
        "a_daemon",
        "forks twice, in a session of its own",
        f"{NAMED}if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        stay()\n"
        "    os._exit(0)\nos.read(reading, 1)\n",
        leaks=PORTABLE,
    ),
    Attack(
        "a_session_of_its_own",
        "forks, and leaves the process group by which it would be ended",
        f"{NAMED}if os.fork() == 0:\n    os.setsid()\n    stay()\nos.read(reading, 1)\n",
        leaks=PORTABLE,
    ),
    Attack(
        "a_program_in_the_background",
        "starts a program that goes on",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-I', '-S', '-c', "
        "'import time; time.sleep(60)', '@MARKER@'], start_new_session=True)\n",
        leaks=PORTABLE,
    ),
    Attack(
        "twelve_forks",
        "forks again and again (twelve times, where it can)",
        f"{NAMED}for _ in range(12):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        stay()\nfor _ in range(12):\n    os.read(reading, 1)\n",
        leaks=PORTABLE,
    ),
    Attack(
        "forks_without_end",
        "forks, and its children do, too",
        "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
        "        raise SystemExit from None\n",
        unsafe="it would fill the machine with processes",
    ),
    Attack(
        "a_child_in_its_group",
        "forks a child that stays in its process group",
        f"{NAMED}if os.fork() == 0:\n    stay()\nos.read(reading, 1)\n",
    ),
    Attack(
        "a_program_that_holds_a_pipe",
        "starts a program that keeps the standard streams open",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-I', '-S', '-c', "
        "'import time; time.sleep(60)', '@MARKER@'])\n",
    ),
    Attack("a_shell_job", "leaves a job of the shell", "import os\nos.system('sleep 60 &')\n"),
    Attack(
        "a_thread",
        "leaves a thread that makes a file later",
        "import threading, time\ndef later():\n    time.sleep(30)\n"
        "    open('@ROOM@/canary', 'w').close()\n"
        "threading.Thread(target=later).start()\n",
    ),
    Attack(
        "at_exit",
        "makes a file when Python ends",
        "import atexit\natexit.register(lambda: open('@ROOM@/canary', 'w').close())\n",
    ),
    Attack(
        "a_finalizer",
        "makes a file when an object is thrown away at the end",
        "import weakref\nclass Last: pass\nlast = Last()\n"
        "weakref.finalize(last, lambda: open('@ROOM@/canary', 'w').close())\n",
    ),
    Attack(
        "when_it_is_ended",
        "makes a file when it is asked to end",
        "import signal\n"
        "for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):\n"
        "    signal.signal(number, lambda *a: open('@ROOM@/canary', 'w').close())\n"
        + answering("return 0.0"),
    ),
]
