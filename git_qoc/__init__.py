"""A git repository as the books of a trading desk."""

__version__ = "0.1.0"
