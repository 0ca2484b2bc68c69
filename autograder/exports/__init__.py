"""Grades for learning platforms: their own exported files filled in, and what they read."""
