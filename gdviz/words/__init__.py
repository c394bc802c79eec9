"""Typed words to recipes, and recipes to the command that makes them again."""
