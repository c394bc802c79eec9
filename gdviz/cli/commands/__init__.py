"""One module per command; its object `command` is found by the module's name. Heavy imports stand inside functions."""
