"""All definitions there are, one small function each, and where they are found by name."""
