"""Every table of the accounts service, so that a migration finds them all."""

import importlib
import pkgutil

from functions import accounts
from functions.accounts import audit
from functions.accounts.database import Base

_ = audit
for _module in pkgutil.walk_packages(accounts.__path__, f"{accounts.__name__}."):
    if _module.name.endswith(".tables"):
        importlib.import_module(_module.name)

metadata = Base.metadata
