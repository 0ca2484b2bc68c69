"""The autograder of Downhill: observe, compare, explain."""

__version__ = "0.1.0"
