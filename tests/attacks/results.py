"""Results: what a function returns lies about itself, or hurts whoever looks at it."""

from __future__ import annotations

from attacks.attack import Attack, answering


def returning(name: str, tries: str, value: str, before: str = "") -> Attack:
    """Return an attack whose functions all return the same value."""
    return Attack(name, tries, answering(f"return {value}", f"import numpy as np\n{before}"))


EQUAL = """\
class Liar(object):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __array__(self, *a, **k): return np.zeros(())
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __neg__ = lambda *a: 0.0
"""
SUBCLASS = """\
class Subclass(np.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *a, **k): return np.bool_(True)
    def __array_function__(self, *a, **k): return True
    def __array_finalize__(self, other): pass
    shape, dtype, nbytes = (4, 3), np.dtype(float), 0
"""
PRETENDER = """\
class Pretender:
    def __init__(self): self.truth = None
    @property
    def __class__(self): return np.ndarray
    __array_interface__ = {"shape": (10**9,), "typestr": "<f8", "data": (4096, True), "version": 3}
"""
PICKLED = """\
import os
class Bomb:
    def __reduce__(self): return os.system, ("touch @ROOM@/canary",)
"""

ATTACKS = [
    returning("equal_to_everything", "returns what equals everything", "Liar()", EQUAL),
    returning(
        "a_float_that_lies",
        "returns a float with another idea of equality",
        "Number(1.0)",
        "class Number(float):\n    def __eq__(self, o): return True\n"
        "    __sub__ = __rsub__ = lambda *a: 0.0\n",
    ),
    returning(
        "an_int_that_lies",
        "returns an int that converts itself to whatever is asked",
        "Number(1)",
        "class Number(int):\n    def __eq__(self, o): return True\n"
        "    def __float__(self): return 0.0\n    def __index__(self): return 0\n",
    ),
    returning(
        "an_array_that_lies",
        "returns an array whose functions are its own",
        "np.zeros((4, 3)).view(Subclass)",
        SUBCLASS,
    ),
    returning("a_masked_array", "hides its numbers behind a mask", "np.ma.masked_all((4, 3))"),
    returning("a_matrix", "returns the old matrix class", "np.matrix(np.zeros((4, 3)))"),
    returning(
        "no_array_at_all",
        "says it is an array, of memory that isn't its own",
        "Pretender()",
        PRETENDER,
    ),
    returning(
        "an_array_of_pickles",
        "returns objects that run a program when they are unpickled",
        "np.array([Bomb(), Bomb()], dtype=object)",
        PICKLED,
    ),
    returning("a_pickle", "returns such an object itself", "Bomb()", PICKLED),
    returning(
        "an_array_of_liars",
        "returns an array of objects",
        "np.array([Liar()], dtype=object)",
        EQUAL,
    ),
    returning(
        "a_record_array",
        "returns an array with named fields",
        "np.zeros(3, dtype=[('a', 'f8'), ('b', 'O')])",
    ),
    returning("float16", "returns numbers of low precision", "np.float16(1.0)"),
    returning("long_doubles", "returns numbers of a machine's own", "np.zeros(3, np.longdouble)"),
    returning("complex_numbers", "returns complex numbers", "np.zeros((4, 3), complex)"),
    returning("dates", "returns dates", "np.zeros(3, 'M8[s]')"),
    returning("texts", "returns an array of texts", "np.array(['0.0', '1.0'])"),
    returning("not_a_number", "returns NaN, which nothing is unequal to", "np.nan"),
    returning("arrays_of_nan", "returns an array of NaN", "np.full((4, 3), np.nan)"),
    returning("infinity", "returns infinity, which is near everything", "np.array(np.inf)"),
    returning(
        "infinite_iterator",
        "returns an iterator without end",
        "itertools.count()",
        "import itertools\n",
    ),
    returning(
        "an_infinite_list",
        "returns a list that makes up items as it is read",
        "Endless()",
        "class Endless(list):\n    def __len__(self): return 10**9\n"
        "    def __iter__(self):\n        while True: yield 0.0\n",
    ),
    returning(
        "a_list_in_itself",
        "returns a list that holds itself",
        "knot",
        "knot = []; knot.append(knot)\n",
    ),
    returning(
        "a_dict_in_itself",
        "returns a dict that holds itself",
        "knot",
        "knot = {}; knot[1] = knot\n",
    ),
    returning(
        "a_dict_with_evil_keys",
        "returns a dict whose keys are more than texts",
        "{Key('returned'): 1.0, Key('x'): 2.0}",
        "class Key(str):\n    def __hash__(self): return 1\n    def __eq__(self, o): 1 / 0\n",
    ),
    returning(
        "a_text_that_lies",
        "returns a text whose methods are its own",
        "Words('x')",
        "class Words(str):\n    def __str__(self): return 'x' * 10**8\n"
        "    isprintable = lambda self: True\n    encode = lambda self, *a: b'null'\n",
    ),
    returning("its_own_input", "returns what it was given", "arguments[0]"),
    Attack(
        "changed_inputs",
        "writes into what it was given, so that both sides of a comparison are the same",
        answering("for one in arguments: one[...] = 0\nreturn 0.0"),
    ),
    Attack(
        "changed_after_the_call",
        "returns an array that a thread goes on changing",
        answering(
            "return result",
            "import threading\nimport numpy as np\nresult = np.zeros(3)\n"
            "def change():\n    while True: result[0] += 1\n"
            "threading.Thread(target=change, daemon=True).start()\n",
        ),
    ),
    returning(
        "strides_of_zero",
        "returns a huge array in little memory",
        "np.broadcast_to(0.0, (10**6, 10**6))",
    ),
    returning(
        "memory_that_is_not_there",
        "returns a view beyond the end of an array",
        "np.lib.stride_tricks.as_strided(np.zeros(1), (10**5,), (2**20,))",
    ),
    returning("lone_surrogates", "returns a text that can't be encoded", "'\\ud800' * 100"),
    returning(
        "a_class_with_an_evil_name",
        "returns an object whose class is called what a report might obey",
        "type('[x](javascript:1)<script>\\x1b[2J', (), {})()",
    ),
    Attack(
        "an_exception_that_fails",
        "raises what raises again when it is shown",
        answering(
            "raise Evil",
            "class Evil(Exception):\n    def __str__(self): raise Evil\n    __repr__ = __str__\n"
            "    @property\n    def args(self): raise Evil\n"
            "    @property\n    def __traceback__(self): raise Evil\n",
        ),
    ),
    Attack(
        "an_exception_that_leaves",
        "raises what leaves the process when it is shown",
        answering(
            "raise Evil",
            "import os\nclass Evil(Exception):\n    def __str__(self): os._exit(0)\n",
        ),
    ),
    Attack(
        "an_exception_called_correct",
        "raises an exception that is called like a good outcome",
        answering("raise type('correct', (BaseException,), {})('seen')"),
    ),
    Attack(
        "an_exception_chain",
        "raises an exception with 100,000 others behind it",
        answering(
            "last = None\nfor _ in range(100_000):\n    one = ValueError('x')\n"
            "    one.__context__, last = last, one\nraise last",
            functions=["mse_loss"],
        ),
    ),
]
