"""What a reviewer asks of logged runs, from their held-out tables alone: compared, sliced, explained, on one page."""

from toolkit.review.page import review_html
from toolkit.review.reviewed import Reviewed, read_reviewed

__all__ = ["Reviewed", "read_reviewed", "review_html"]
