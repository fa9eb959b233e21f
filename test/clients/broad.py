"""Plays the whole of a Python client against the server at MLFLOW_TRACKING_URI; every step is asserted."""

import sys
import unittest

from suites import artifacts, autologging, mistakes, models, registry, searching, tracking

if __name__ == "__main__":
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = [f"*{word}*" for word in sys.argv[1:]] or None
    modules = (tracking, searching, artifacts, models, registry, autologging, mistakes)
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
