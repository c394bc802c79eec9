"""Puts the lectures' recipes, which stand in gallery/, into the package; all else is said in pyproject.toml."""

from setuptools import find_packages, setup

LECTURES = "gdviz.gallery.lectures"

setup(
    packages=[*find_packages(include=["gdviz*"]), LECTURES],
    package_dir={LECTURES: "gallery/lectures"},
    package_data={"gdviz": ["encode/page/*", "gallery/assets/*", "lang/*.toml"], LECTURES: ["*.toml", "*/*.toml"]},
)
