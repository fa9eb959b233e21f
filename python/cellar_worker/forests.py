"""Forests of scikit-learn that answer a row as fast as their trees allow.

For each tree, scikit-learn enters a configuration and the filters of warnings anew; for one row that is nearly all the
time. Here the same trees are walked in the same order and their answers added in the same precision, without it.
"""

import sys

import numpy as np
import pandas as pd

_PROBES = 64


def quicken(model: object) -> bool:
    """Has the forest in a model (also as the last step of a pipeline) walk its trees itself; says whether it does.

    Only a forest of scikit-learn's own classes with one output is changed, and only after both ways have given the same
    bits for rows around the thresholds of its trees. Rows that are not plain finite numbers go the library's own way.
    """
    forest = _forest_in(model)
    if forest is None:
        return False
    # A classifier's own `predict` asks this.
    method = "predict_proba" if hasattr(forest, "classes_") else "predict"
    walk = _Walk(forest, getattr(forest, method), whole=method == "predict_proba")
    if not walk.proves_equal():
        return False
    setattr(forest, method, walk)
    return True


def _forest_in(model: object):
    ensemble = sys.modules.get("sklearn.ensemble")
    pipeline = sys.modules.get("sklearn.pipeline")
    if ensemble is None:
        return None
    if pipeline is not None and type(model) is pipeline.Pipeline:
        return _forest_in(model.steps[-1][1])
    known = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
    if type(model) not in [getattr(ensemble, name) for name in known]:
        return None
    return model if getattr(model, "n_outputs_", 0) == 1 and model.estimators_ else None


class _Walk:
    """Stands in a forest for its method `own`. `whole`: a tree's answer is a row of probabilities, not a number."""

    def __init__(self, forest, own, whole: bool) -> None:
        self._forest = forest
        self._own = own
        self._whole = whole
        self._trees = [tree.tree_ for tree in forest.estimators_]
        names = getattr(forest, "feature_names_in_", None)
        self._names = None if names is None else pd.Index([str(name) for name in names])

    def __call__(self, rows):
        values = self._numbers(rows)
        if values is None:
            return self._own(rows)
        answer = self._trees[0].predict(values)
        for tree in self._trees[1:]:
            answer += tree.predict(values)
        answer /= len(self._trees)
        return answer if self._whole else answer[:, 0]

    def _numbers(self, rows) -> np.ndarray | None:
        """Rows as the trees read them; None for those that scikit-learn must judge itself."""
        if isinstance(rows, pd.DataFrame):
            if self._names is None or not self._names.equals(rows.columns):
                return None
            rows = rows.to_numpy()
        elif self._names is not None or not isinstance(rows, np.ndarray):
            return None
        if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != self._forest.n_features_in_:
            return None
        if rows.dtype.kind not in "fiub":
            return None
        with np.errstate(over="ignore"):
            values = np.ascontiguousarray(rows, dtype=np.float32)
        return values if np.isfinite(values).all() else None

    def proves_equal(self) -> bool:
        """Whether both ways say the same of rows on either side of the trees' thresholds."""
        # Several threads add the trees in any order.
        jobs, self._forest.n_jobs = self._forest.n_jobs, 1
        try:
            probes = self._probes()
            return np.array_equal(self._own(probes), self(probes))
        except Exception:
            # What is wrong with such a forest is told by its own words, when it is asked.
            return False
        finally:
            self._forest.n_jobs = jobs

    def _probes(self):
        random = np.random.default_rng(0)
        features = np.concatenate([tree.feature for tree in self._trees])
        thresholds = np.concatenate([tree.threshold for tree in self._trees])
        rows = np.zeros((_PROBES, self._forest.n_features_in_))
        for feature in np.unique(features[features >= 0]):
            near = random.choice(thresholds[features == feature], _PROBES)
            rows[:, feature] = near + random.choice([-1e-3, 0, 1e-3], _PROBES) * np.maximum(1, np.abs(near))
        return rows if self._names is None else pd.DataFrame(rows, columns=self._names)
