import sys
from pathlib import Path

import pytest

here = Path(__file__).parent
sys.path[:0] = [str(here), str(here.parent)]

from cellar_worker import interpreter  # noqa: E402

interpreter.settle()

import sample_models  # noqa: E402


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """The folder of the models and holdouts that sample_models.py makes."""
    folder = tmp_path_factory.mktemp("samples")
    sample_models.make(folder, sample_models.MODELS)
    sample_models.holdouts(folder)
    return folder
