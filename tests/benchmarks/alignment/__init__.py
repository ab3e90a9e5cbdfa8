"""How right relevance, stance and alignment are."""
