"""Names and numbers that fully determine an artefact; TOML in, TOML out."""
