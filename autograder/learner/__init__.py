"""The learner's side: checks as pytest tests, with feedback instead of tracebacks."""
