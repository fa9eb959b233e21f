"""Scores and serves MLflow models for Cellar. `python -m cellar_worker --help` says what it can do."""

# Part of the key under which Cellar keeps an evaluation: raise it when the same model on the same rows would be given
# other numbers than before.
EVALUATOR = "1"
