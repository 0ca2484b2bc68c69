"""Make the exercises' stubs from the solutions."""

from __future__ import annotations

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


class BrokenMarkers(ValueError):
    """Solution markers that don't come in pairs."""


def stub(solution: str, name: str = "the solution") -> str:
    r"""Return a solution's text with `raise NotImplementedError` in place of the work.

    Everything outside the marked regions is given to learners as it stands.

    Parameters
    ----------
    solution : str
        Source with regions between the two markers, each on a line of its own.
    name : str
        For the error's message.

    Raises
    ------
    BrokenMarkers
        If a region isn't closed, or is opened twice, or there is none.

    Examples
    --------
    >>> print(stub("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"))
    def f():
        raise NotImplementedError
    <BLANKLINE>
    """
    lines: list[str] = []
    inside, regions = False, 0
    for number, line in enumerate(solution.splitlines(), start=1):
        marker = line.strip()
        if marker in (BEGIN, END):
            if inside == (marker == BEGIN):
                raise BrokenMarkers(f"{name}, line {number}: {marker} where the other belongs")
            inside = not inside
            if inside:
                regions += 1
                while lines and lines[-1] == "":
                    lines.pop()
                lines.append(f"{line[: line.index('#')]}raise NotImplementedError")
        elif not inside:
            lines.append(line)
    if inside or not regions:
        raise BrokenMarkers(f"{name}: {'an open region' if inside else 'no region'}")
    return "\n".join(lines) + "\n"
