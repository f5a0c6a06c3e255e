"""Stands in front of pygit2 on the path, as if it could not be loaded here."""

raise ImportError("no pygit2 here")
