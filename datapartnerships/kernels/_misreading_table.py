"""Made by `benchmarks/quality_estimate.py --fit`."""

TABLE = {
    "text": {
        "line": [0, 0, 0.0, 0.06, 0.83, 2.1, 4.9, 0.35, 0.1, 0.05],
        "score": [0, 0.4],
        "mean": [0, 0.4],
        "low": [0, 0.3],
        "high": [0.01, 0.5],
    },
    "engine": {
        "line": [0.15, 0.12, 0.12, 0, 0, 1, 3, 0.1, 0.1, 0.1],
        "score": [0, 0.4],
        "mean": [0, 0.4],
        "low": [0, 0.3],
        "high": [0.01, 0.5],
    },
}
