"""The analysis, pure: no Flask, no SQL, no settings, no environment."""
