"""The grader's side: observed in a separate process, judged in this one."""
