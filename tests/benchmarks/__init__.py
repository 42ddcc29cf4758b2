"""Speed against named rivals, as ratios of one run: python -m tests.benchmarks.prediction."""
