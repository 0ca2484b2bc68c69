"""Runs of the playground's engine, each trained once for all tests."""

from functools import cache

from play.engine import train

trained = cache(train)
