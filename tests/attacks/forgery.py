"""Forgery: a submission that solves nothing says that it is right.

All of it must be contained everywhere, without any sandbox: the verdict is made in
another process, from numbers that must agree with a hidden draw.
"""

from __future__ import annotations

from attacks.attack import COMPUTING, WAITING, Attack, answering

SEND = """\
import os, struct
from autograder.catalogue import EXERCISES
from autograder.core.observe import Seen
from autograder.grading import frames
CHECKS = EXERCISES["losses"].checks
NAMES = ["losses", *(check.id for check in CHECKS)]  # what is asked: to import it, then each check
IMPORTED = frames.pack("losses", Seen("seen"))
def send(data):
    for handle in range(3, 64):
        try:
            os.write(handle, data)
        except OSError:
            pass
def frame(body):
    return struct.pack(">I", len(body)) + body
def answers(outcome="seen", observation={"returned": 1.0}):
    return b"".join(frames.pack(name, Seen(outcome, observation)) for name in NAMES)
def headed(old=b"", new=b"", raw=b"null"):
    heads = [frames.pack(name, Seen("seen"))[4:].partition(b"\\n")[0] for name in NAMES[1:3]]
    assert old in heads[0]
    return IMPORTED + b"".join(frame(one.replace(old, new, 1) + b"\\n" + raw) for one in heads)
def observed(raw):
    return headed(raw=raw)
"""
"""Speaks the language of the frames, on every file descriptor that is open."""

BELIEVED = ("wrong type", "wrong shape", "wrong values", "not finite")
"""The outcomes of an observation that was taken for one, and is wrong."""


def sending(name: str, tries: str, expression: str, ends: tuple[str, ...] = ("died",)) -> Attack:
    """Return an attack that writes bytes where answers are expected."""
    return Attack(name, tries, f"{SEND}send({expression})\n", ends=ends)


def array(parts: str) -> str:
    """Return the expression for a frame with an observation that is an array."""
    return f"""observed(b'{{"array":{{{parts}}}}}')"""


FRAMES = [
    sending(
        "verdicts_instead_of_observations",
        "sends the outcome `correct`, which only a judge gives",
        "answers('correct')",
    ),
    sending(
        "points_in_a_frame",
        "adds a field with points to an answer",
        """headed(b'"outcome"', b'"points":100,"possible":1,"outcome"')""",
        BELIEVED,
    ),
    sending(
        "answers_of_its_own",
        "answers every check in good form, with numbers that it made up",
        "answers()",
        BELIEVED,
    ),
    Attack(
        "answers_and_leaves",
        "answers every check, and is gone before the real answers can be sent",
        f"{SEND}send(answers(observation={{'returned': True}}))\nos._exit(0)\n",
        ends=BELIEVED,
    ),
    Attack(
        "the_visible_numbers",
        "answers with the published observations of the visible draw",
        SEND
        + "import json\nfrom autograder.core.plain import decode\n"
        + "frozen = json.loads(@FROZEN@)\nsend(IMPORTED)\n"
        + "for one in CHECKS:\n"
        + "    send(frames.pack(one.id, Seen('seen', decode(frozen[one.name]))))\n"
        + "os._exit(0)\n",
        ends=BELIEVED,
    ),
    sending(
        "answers_in_another_order",
        "sends the answers backwards",
        "IMPORTED + b''.join(frames.pack(n, Seen('seen', 1.0)) for n in reversed(NAMES))",
    ),
    sending("a_header_of_4_gib", "promises a frame of 4 GiB", "b'\\xff' * 4 + b'x' * 1000"),
    Attack(
        "a_header_cut_off",
        "sends half a header and leaves",
        f'{SEND}send(b"\\0\\0")\nos._exit(0)\n',
        ends=("died",),
    ),
    Attack(
        "a_frame_cut_off",
        "promises a frame, sends half of it and leaves",
        f'{SEND}send(observed(b"[1.0]")[:-3])\nos._exit(0)\n',
        ends=("died",),
    ),
    sending("an_empty_frame", "sends frames of no length", "frame(b'') * 50"),
    sending("not_json", "sends a frame that isn't JSON", "frame(b'ok ok ok')"),
    sending("an_observation_that_is_not_json", "sends no JSON", "observed(b'ok')"),
    sending("not_utf_8", "sends bytes that are no text", "observed(b'\\xff\\xfe')"),
    sending("a_bare_list", "sends JSON of another form", "frame(b'[1]') + frame(b'null')"),
    sending(
        "deep_json",
        "sends lists in lists, 900,000 deep, for the reader's stack",
        "observed(b'[' * 900_000)",
    ),
    sending(
        "deep_json_in_the_head",
        "sends lists in lists where the outcome belongs",
        """headed(b'"seen"', b'[' * 900_000)""",
    ),
    sending(
        "a_very_long_int",
        "sends an int of a million digits, which takes long to read",
        "observed(b'9' * 1_000_000)",
    ),
    sending(
        "nan_and_infinity",
        "sends what JSON doesn't have",
        "observed(b'[NaN,Infinity,-Infinity]')",
        BELIEVED,
    ),
    sending("many_items", "sends a million items", "observed(b'[' + b'0,' * 1_000_000 + b'0]')"),
    sending(
        "two_values_for_one_key",
        "sends the outcome twice",
        """headed(b'"seen"', b'"seen","outcome":"correct"')""",
    ),
    sending(
        "a_crash_of_another_form",
        "sends a crash whose lines aren't any",
        """headed(b'"outcome"', b'"crash":{"kind":[],"message":1,"frames":"abc"},"outcome"')""",
    ),
    sending(
        "an_array_of_objects",
        "sends an array of Python objects",
        array('"dtype":"|O","shape":[1],"base64":"gANOLg=="'),
    ),
    sending(
        "an_array_of_records",
        "sends a dtype that is an expression",
        array('"dtype":"i4,(9999999999,)f8","shape":[1],"entries":[0]'),
    ),
    sending(
        "an_array_of_impossible_shape",
        "sends a shape whose product overflows",
        array('"dtype":"<f8","shape":[4294967296,4294967296],"entries":[]'),
    ),
    sending(
        "an_array_of_negative_shape",
        "sends a negative length",
        array('"dtype":"<f8","shape":[-1],"entries":[1.0]'),
    ),
    sending(
        "an_array_that_does_not_fill_its_shape",
        "sends fewer numbers than the shape has, to see other memory",
        array('"dtype":"|u1","shape":[100000],"base64":"AAAA"'),
    ),
    sending(
        "booleans_that_are_neither",
        "sends a byte 7 as a boolean",
        array('"dtype":"|b1","shape":[1],"base64":"Bw=="'),
    ),
    sending(
        "a_pickle",
        "sends a pickle that runs a program where it is read",
        "(lambda bomb: frame(bomb) + observed(bomb) + bomb)("
        "b\"cos\\nsystem\\n(S'touch @ROOM@/canary'\\ntR.\")",
    ),
    Attack(
        "answers_without_end",
        "sends good answers for ever",
        f"{SEND}while True:\n    send(answers())\n",
        wall=COMPUTING,
        ends=BELIEVED,
    ),
    Attack(
        "a_flood",
        "sends two million frames that are empty",
        f"{SEND}for _ in range(8):\n    send(bytes(2**20))\n",
        wall=COMPUTING,
        ends=("died",),
    ),
    Attack(
        "a_slow_drip",
        "promises a frame and sends a byte now and then",
        SEND
        + "import time\nsend(struct.pack('>I', 10_000))\n"
        + "while True:\n    send(b'[')\n    time.sleep(0.05)\n",
        wall=WAITING,
        ends=("too slow", "died"),
    ),
    Attack(
        "through_the_stack",
        "finds the function that sends answers among its callers, and uses it",
        SEND
        + "import sys\nabove = sys._getframe()\nfound = []\nwhile above := above.f_back:\n"
        + "    found += [v for n, v in above.f_locals.items() if n == 'send' and callable(v)]\n"
        + "found[0](answers())\n",
        ends=BELIEVED,
    ),
    Attack(
        "at_exit",
        "sends its answers after all others",
        f"{SEND}import atexit\natexit.register(send, answers())\nraise SystemExit(0)\n",
    ),
]

PATCHES = [
    Attack(
        "comparisons_of_numpy",
        "makes every comparison of NumPy true",
        "import numpy as np\n"
        "for name in ('allclose', 'isclose', 'array_equal', 'array_equiv'):\n"
        "    setattr(np, name, lambda *a, **k: True)\n"
        "for name in dir(np.testing):\n"
        "    if name.startswith('assert'):\n"
        "        setattr(np.testing, name, lambda *a, **k: None)\n"
        + answering("return np.zeros(3)"),
    ),
    Attack(
        "every_function_of_the_autograder",
        "replaces every function of the loaded autograder by one that says `correct`",
        "import sys, types\nfrom autograder.core.observe import Seen\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.startswith('autograder.core') or name.endswith('.observer'):\n"
        "        for key, value in list(vars(module).items()):\n"
        "            if isinstance(value, types.FunctionType):\n"
        "                setattr(module, key, lambda *a, **k: Seen('correct'))\n",
    ),
    Attack(
        "the_code_of_functions",
        "replaces the code inside every function of the autograder that it finds in memory",
        "import gc, types\n"
        "for one in gc.get_objects():\n"
        "    if isinstance(one, types.FunctionType) and one.__module__.startswith('autograder'):\n"
        "        if not one.__code__.co_freevars:\n"
        "            one.__code__ = (lambda *a, **k: None).__code__\n",
    ),
    Attack(
        "points_of_the_checks",
        "makes each check worth a million, with a tolerance without bounds",
        "from autograder.catalogue import EXERCISES\n"
        "from autograder.core.compare import Tolerance\n"
        "for check in EXERCISES['losses'].checks:\n"
        "    object.__setattr__(check, 'points', 10**6)\n"
        "    object.__setattr__(check, 'tolerance', Tolerance(1e300, 1e300, 'why not'))\n"
        "    object.__setattr__(check, 'judge', lambda *a: [])\n" + answering("return 0.0"),
    ),
    Attack(
        "no_checks_at_all",
        "empties the list of checks",
        "from autograder.catalogue import EXERCISES\nEXERCISES['losses'].checks.clear()\n"
        "EXERCISES.clear()\n",
    ),
    Attack(
        "checks_that_look_elsewhere",
        "replaces what the checks do, so that they observe nothing",
        "from autograder.catalogue import EXERCISES\n"
        "for check in EXERCISES['losses'].checks:\n"
        "    object.__setattr__(check, 'look', lambda *a: {'returned': {}, 'inputs': {}})\n"
        + answering("return 0.0"),
    ),
    Attack(
        "a_draw_of_zeros",
        "makes the random generator draw nothing but zeros",
        "import numpy as np\nimport autograder.core.observe as observe\n"
        "class Zeros:\n"
        "    def normal(self, *a, size=None, **k): return np.zeros(size or ())\n"
        "    uniform = normal\n"
        "    def permutation(self, x): return np.arange(x) if isinstance(x, int) else np.array(x)\n"
        "    def integers(self, low, high=None, size=None): return np.zeros(size or (), int)\n"
        "observe.generator = lambda *a: Zeros()\n" + answering("return 0.0"),
    ),
    Attack(
        "the_builtins",
        "makes `len`, `isinstance`, `all` and `float` agree with everything",
        "import builtins\n"
        "builtins.len = lambda *a: 0\nbuiltins.all = builtins.any = lambda *a: True\n"
        "builtins.float = lambda *a: 0.0\n" + answering("return 0.0"),
    ),
    Attack(
        "another_module_in_its_place",
        "puts an object that answers to everything where the module belongs",
        "import sys\nfrom unittest.mock import MagicMock\nsys.modules[__name__] = MagicMock()\n",
    ),
    Attack(
        "a_module_that_has_everything",
        "answers to every name with a function",
        "def __getattr__(name):\n    return lambda *a, **k: 0.0\n",
    ),
    Attack(
        "another_catalogue",
        "imports a catalogue of its own in place of the real one",
        "import sys, types\nfake = types.ModuleType('autograder.catalogue')\n"
        "fake.EXERCISES, fake.find_check = {}, lambda name: None\n"
        "sys.modules['autograder.catalogue'] = fake\n",
    ),
    Attack(
        "clocks",
        "stops every clock that it can reach",
        "import time\nfor name in ('time', 'monotonic', 'perf_counter', 'process_time'):\n"
        "    setattr(time, name, lambda: 0.0)\n",
    ),
    Attack(
        "tracing",
        "rewrites the variables of its callers while they run",
        "import sys\ndef trace(frame, event, argument):\n"
        "    frame.f_locals['seen'] = frame.f_locals['outcome'] = 'correct'\n    return trace\n"
        "sys.settrace(trace)\nframe = sys._getframe()\n"
        "while frame := frame.f_back:\n    frame.f_trace = trace\n" + answering("return 0.0"),
    ),
]

EXITS = [
    Attack("exit_0_on_import", "leaves as if all were well", "import sys\nsys.exit(0)\n"),
    Attack("hard_exit_0_on_import", "leaves the hard way", "import os\nos._exit(0)\n"),
    Attack("exit_0_in_a_call", "leaves from a function", answering("raise SystemExit(0)")),
    Attack(
        "hard_exit_0_in_a_call",
        "leaves the hard way from a function",
        answering("import os; os._exit(0)"),
    ),
    Attack(
        "skipping",
        "raises what test tools take for a skipped test",
        "import unittest\n" + answering("raise unittest.SkipTest('nothing to see here')"),
    ),
    Attack(
        "stopping_pytest",
        "asks pytest to leave with success, or to skip the file",
        "import pytest\npytest.exit('all passed', returncode=0)\n",
    ),
    Attack(
        "the_signal_of_too_slow",
        "raises the autograder's own exception",
        "from autograder.core.observe import TooSlow\n" + answering("raise TooSlow"),
    ),
    Attack("an_interrupt", "raises KeyboardInterrupt", answering("raise KeyboardInterrupt")),
    Attack("the_end_of_an_iterator", "raises StopIteration", answering("raise StopIteration")),
    Attack(
        "not_implemented", "says that nothing is written", answering("raise NotImplementedError")
    ),
]

PAPERS = [
    Attack(
        "printed_success",
        "prints what reports of success look like",
        "print('19 passed in 0.01s\\n100 of 100 points\\nPASSED\\n{\"score\": 100}')\n"
        + answering("print('correct'); return 'correct'"),
    ),
    Attack(
        "files_of_results",
        "writes every file from which some grader reads points",
        "import json\nfull = json.dumps({'score': 100, 'total': 100, 'points': 100})\n"
        "for name in ('results.json', 'grades.csv', 'junit.xml', 'report.xml', 'score.txt'):\n"
        "    try:\n        open(name, 'w').write(full)\n    except OSError:\n        pass\n",
    ),
    Attack(
        "settings_of_pytest",
        "leaves a conftest.py and options for pytest",
        "for name in ('conftest.py', 'pytest.ini', 'sitecustomize.py', 'numpy.py', 'losses.py'):\n"
        "    try:\n        open(name, 'w').write('mse_loss = lambda *a: 0.0')\n"
        "    except OSError:\n        pass\n",
    ),
]

ATTACKS = [*FRAMES, *PATCHES, *EXITS, *PAPERS]
