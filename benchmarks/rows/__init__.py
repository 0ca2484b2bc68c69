"""What is measured, in the order of the page."""

from benchmarks.measure import Row
from benchmarks.rows import feedback, grading, playground, site, training

ROWS: tuple[Row, ...] = (
    *feedback.ROWS,
    *grading.ROWS,
    *training.ROWS,
    *playground.ROWS,
    *site.ROWS,
)
