"""Registers a model that doubles, for the command line to predict with; its name comes as the argument."""

import sys

import mlflow


class Doubling(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


mlflow.set_experiment(sys.argv[1])
mlflow.pyfunc.log_model(
    name="model", python_model=Doubling(), registered_model_name=sys.argv[1], pip_requirements=["mlflow"]
)
