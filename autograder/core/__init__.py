"""The vocabulary that everything else is built on.

A *check* calls what the learner wrote and returns an *observation*, plain data.
*Compare* holds it against the observation made on the reference and lists the
*differences*. *Explain* turns the differences into words, a *verdict*.

NumPy and the standard library only, so that it runs wherever Python does.
"""
