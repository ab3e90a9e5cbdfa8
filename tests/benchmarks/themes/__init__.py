"""How good and how steady the themes are."""
