"""Labels by people: what they are given, and what comes back."""
