"""What a reviewer asks of logged runs, from their held-out tables alone: compared, sliced, explained, on one page."""
