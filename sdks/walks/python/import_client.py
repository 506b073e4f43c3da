"""Imports every module of the generated package."""

from importlib import import_module
from pkgutil import walk_packages

import client

for module in walk_packages(client.__path__, "client."):
    import_module(module.name)
