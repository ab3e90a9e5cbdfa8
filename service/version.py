"""The package version, as ``pyproject.toml`` has it (a test holds them equal)."""

VERSION = "0.1.0"
