"""What predictions say of the world: shares corrected for the errors of the classifier, over time, by speaker."""
