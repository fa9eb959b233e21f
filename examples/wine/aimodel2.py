"""Train an AImodel of the next code version, with more trees that look at fewer features each, and register it."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from aimodel import NAME
from story import options, train_and_track

CODE_VERSION = "2.0"
PARAMS = {"n_estimators": 200, "max_features": "sqrt", "scaled": True}


def estimator() -> Pipeline:
    forest = RandomForestClassifier(
        n_estimators=PARAMS["n_estimators"], max_features=PARAMS["max_features"], random_state=40
    )
    return make_pipeline(StandardScaler(), forest)


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
