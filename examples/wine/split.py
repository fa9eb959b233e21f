"""Write the two holdouts of the story as CSV files, by default into this folder."""

import argparse
from pathlib import Path

from story import rows

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
folder = parser.parse_args().folder

folder.mkdir(parents=True, exist_ok=True)
_, holdout, other_holdout = rows()
for name, table in [("holdout.csv", holdout), ("other-holdout.csv", other_holdout)]:
    table.to_csv(folder / name, index=False)
    print(f"{folder / name}: {len(table)} rows")
