"""What gdviz says of itself and of definitions: show, list, cite, check, doctor, explain, warm up."""
