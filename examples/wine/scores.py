"""Print how the models of the story score on its two holdouts. Needs no server."""

from sklearn.metrics import accuracy_score, f1_score

import aimodel
import aimodel2
import mlmodel
from story import FEATURES, LABEL, rows

MODELS = [
    *((f"AImodel 1.0 {name}", aimodel.estimator(**params)) for name, params in aimodel.FORESTS.items()),
    ("AImodel 2.0", aimodel2.estimator()),
    ("MLmodel 1.0", mlmodel.estimator()),
]

training, *holdouts = rows()
print(f"{'':<20}{'holdout.csv':>20}{'other-holdout.csv':>22}")
print(f"{'model':<20}{'accuracy':>10}{'f1':>10}{'accuracy':>12}{'f1':>10}")
for name, model in MODELS:
    model.fit(training[FEATURES], training[LABEL])
    line = f"{name:<20}"
    for holdout, width in zip(holdouts, (10, 12)):
        predicted = model.predict(holdout[FEATURES])
        accuracy = accuracy_score(holdout[LABEL], predicted)
        f1 = f1_score(holdout[LABEL], predicted, average="weighted")
        line += f"{accuracy:>{width}.4f}{f1:>10.4f}"
    print(line)
