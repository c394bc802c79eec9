"""What gdviz makes by itself: the demonstration."""
