"""`python -m gdviz` is `gdviz`."""

from gdviz.cli import main

if __name__ == "__main__":
    main()
