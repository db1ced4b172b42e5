"""Made by `benchmarks/quality_estimate.py --fit`."""

LINE = [0.0, 0.06, 0.83, 2.1, 4.9, 0.35, 0.1, 0.05]
SCORE = [0.0, 0.4]
MEAN = [0.0, 0.4]
LOW = [0.0, 0.3]
HIGH = [0.01, 0.5]
