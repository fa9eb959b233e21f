"""Train an MLmodel, a support vector machine that competes with the AImodel, and register it."""

from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from story import options, train_and_track

NAME = "MLmodel"
CODE_VERSION = "1.0"
PARAMS = {"C": 1.0, "kernel": "rbf"}


def estimator() -> Pipeline:
    return make_pipeline(StandardScaler(), SVC(**PARAMS))


if __name__ == "__main__":
    given = options(__doc__).parse_args()
    train_and_track(
        estimator(),
        model_name=NAME,
        code_version=CODE_VERSION,
        params=PARAMS,
        env=given.env,
        log_only=given.log_only,
    )
