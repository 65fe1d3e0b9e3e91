"""`python -m emulators.demo FOLDER` writes the demo music there."""

import sys
from pathlib import Path

from emulators.demo import compose

compose(Path(sys.argv[1]))
