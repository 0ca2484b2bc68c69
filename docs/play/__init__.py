"""The interactive figures: their engine in Python, their still pictures, and their scripts."""
