"""Train an AImodel, a random forest, and register it.

Nothing in here knows Cellar: the tracking server comes from MLFLOW_TRACKING_URI.
"""

from argparse import ArgumentTypeError

from sklearn.ensemble import RandomForestClassifier

from story import options, train_and_track

NAME = "AImodel"
CODE_VERSION = "1.0"
FORESTS = {
    "worse": {"n_estimators": 1, "max_features": 0.1},
    "first": {"n_estimators": 3, "max_features": 0.1},
    "better": {"n_estimators": 10, "max_features": 0.3},
}


def estimator(n_estimators: float, max_features: float) -> RandomForestClassifier:
    return RandomForestClassifier(n_estimators=int(n_estimators), max_features=max_features, random_state=40)


def param(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        if name in FORESTS["first"]:
            return name, float(value)
    except ValueError:
        pass
    raise ArgumentTypeError(f"expected n_estimators=NUMBER or max_features=NUMBER, got {text!r}")


if __name__ == "__main__":
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--code-version", default=CODE_VERSION)
    parser.add_argument("--forest", choices=FORESTS, default="first", help="its hyperparameters by name")
    parser.add_argument(
        "--params",
        nargs="+",
        type=param,
        default=[],
        metavar="NAME=VALUE",
        help="other hyperparameters: n_estimators=50 max_features=0.5",
    )
    given = parser.parse_args()
    params = FORESTS[given.forest] | dict(given.params)
    train_and_track(
        estimator(**params),
        model_name=NAME,
        code_version=given.code_version,
        params=params,
        env=given.env,
        log_only=given.log_only,
    )
