"""What a class gets: the exercises and what checks them, without the solutions."""
