"""Reports: text of a student's that wants to be obeyed where it is shown."""

from __future__ import annotations

from attacks.attack import TextAttack, answering

STOP = "1 / 0\n"


def raising(expression: str) -> str:
    """Return a module in which every function raises."""
    return answering(f"raise {expression}")


def printing(expression: str) -> str:
    """Return a module that prints, and whose functions are wrong."""
    return f"print({expression})\n{answering('return 0.0')}"


ATTACKS = [
    TextAttack("a_formula", "is called like a formula", '=HYPERLINK("http:x","y")', STOP),
    TextAttack("a_command", "is called like a command of a spreadsheet", "=cmd|' C calc'!A0", STOP),
    TextAttack("a_plus", "begins with a plus", "+1+1", STOP),
    TextAttack("a_minus", "begins like an option", "--help", STOP),
    TextAttack("an_at", "begins like a function of a spreadsheet", "@SUM(1)", STOP),
    TextAttack("a_tab", "begins with a tab", "\t=1+1", STOP),
    TextAttack(
        "wide_signs", "begins with signs that a spreadsheet takes for others", "\uff1d1+1", STOP
    ),
    TextAttack("commas", "has commas and quotes in its name", 'a,"b",100', STOP),
    TextAttack("lines", "has lines in its name", "a\nb,100\r\nc", STOP),
    TextAttack("markup", "has HTML in its name", "<img src=x onerror=alert(1)>", STOP),
    TextAttack("a_link", "has a link in its name", "[x](javascript:alert(1))", STOP),
    TextAttack(
        "a_page", "has a page break, a table and a heading in its name", "# x | y ![z](w)", STOP
    ),
    TextAttack("colors", "has escape sequences in its name", "\x1b[2J\x1b]0;x\x07eve\x9b1m", STOP),
    TextAttack("a_template", "has a template in its name", "{{ 7 * 7 }}{% x %}%s%n{0}", STOP),
    TextAttack("terminal_markup", "has markup of rich in its name", "[red]x[link=x:y]", STOP),
    TextAttack("backwards", "has text that runs backwards in its name", "eve\u202egrade 001", STOP),
    TextAttack("a_long_name", "has a name as long as names can be", "n" * 255, STOP),
    TextAttack("dots", "ends its name with what some disks leave out", "eve.. ", STOP),
    TextAttack(
        "a_message_of_html",
        "raises with HTML and Markdown in its message",
        "message of html",
        raising(
            "ValueError('</code></pre><script>alert(1)</script> ```\\n# x\\n[y](javascript:z)')"
        ),
    ),
    TextAttack(
        "a_message_of_escapes",
        "raises with escape sequences in its message",
        "message of escapes",
        raising("ValueError('\\x1b[2J\\x1b[1;32m19 passed\\x1b]8;;http:x\\x07\\x9b31m\\x08\\x7f')"),
    ),
    TextAttack(
        "a_message_of_markup",
        "raises with markup of other tools in its message",
        "message of markup",
        raising("ValueError('[bold]x[/bold] {{ 7 * 7 }} {0.__class__} %s %n ${jndi:x}')"),
    ),
    TextAttack(
        "an_exceptions_name",
        "raises an exception that is called like markup",
        "name of an exception",
        raising("type('<script>[x](y)\\x1b[2J`', (Exception,), {})('x')"),
    ),
    TextAttack(
        "a_functions_name",
        "crashes in a function that is called like markup",
        "name of a function",
        answering(
            "f()", "def f(): 1 / 0\nf.__code__ = f.__code__.replace(co_name='<b>\\x1b[2J')\n"
        ),
    ),
    TextAttack(
        "a_files_name",
        "crashes in a file that is called like markup",
        "name of a file",
        answering("exec(compile('1 / 0', __file__[:-9] + '<script>\\x1b[2J.py', 'exec'))"),
    ),
    TextAttack(
        "a_line_of_source",
        "crashes on a line with markup in it",
        "line of source",
        answering("1 / 0  # ``` <script>alert(1)</script> [x](y) \x1b[2J \u202e"),
    ),
    TextAttack(
        "printed_markup",
        "prints HTML, Markdown and the end of a code block",
        "printed markup",
        printing("'```\\n````\\n~~~\\n</pre><script>alert(1)</script>\\n# x\\n![y](http:z)'"),
    ),
    TextAttack(
        "printed_escapes",
        "prints escape sequences",
        "printed escapes",
        printing(
            "'\\x1b[2J\\x1b[H\\x1b[32m100 of 100\\x1b]52;c;eA==\\x07\\r\\x08\\x9b\\u2028\\u202e'"
        ),
    ),
    TextAttack(
        "printed_surrogates",
        "prints what can't be encoded",
        "printed surrogates",
        printing("'\\ud800\\udfff' * 10"),
    ),
    TextAttack(
        "a_keys_name",
        "returns a dict with markup as keys",
        "name of a key",
        answering("return {'<script>\\x1b[2J': 1, '=1+1': 2}"),
    ),
    TextAttack(
        "a_types_name",
        "returns an object whose class is called like markup",
        "name of a type",
        answering("return type('<script>[x](y)\\x1b[2J```', (), {})()"),
    ),
    TextAttack(
        "a_text_as_a_result",
        "returns a text with markup",
        "text as a result",
        answering("return '```\\n<script>alert(1)</script>\\x1b[2J[x](y)'"),
    ),
    TextAttack(
        "a_missing_module",
        "imports a module that is called like markup",
        "missing module",
        "__import__('<script>[x](y)\\x1b[2J')\n",
    ),
    TextAttack(
        "a_syntax_error",
        "has a syntax error on a line with markup",
        "syntax error",
        "def f(:  # ``` <script>alert(1)</script> \x1b[2J\n",
    ),
]
