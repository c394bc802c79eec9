"""Maps made of very many runs: what a cell of them is worth, how they are cut into chunks, stored and resumed."""
