"""What predictions say of the world: shares of stances corrected for the errors of the classifier, over time, by speaker."""
