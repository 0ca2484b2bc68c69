"""Two public graders, nbgrader and Otter-Grader, with the same assignment as ours."""
