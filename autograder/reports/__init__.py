"""What people read of a grading run: the gradebook and the students' feedback."""
