"""`gdviz gallery`: folders of recipes into sites."""

from __future__ import annotations

import click

from gdviz.cli.command import Command, Group

_ONLY = click.option(
    "--only", metavar="PATTERN", multiple=True, help="Entries or chapters like this, as in 'rav*'; may be given again."
)
_OWN = "[default: what gallery.toml says, or en, light and 720p]"
_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes that make them.  [default: a core each]"
)
_PAGES = click.option("--no-pages", is_flag=True, help="Pictures and manifest.json alone, for other makers of sites.")


@click.command(cls=Group)
def command() -> None:
    """Make a site of a folder of recipes, to browse, to teach from and to send around.

    As in gdviz gallery build gallery --out site --lang ru --lang kk, and again after a change: what has not changed is
    not made again.
    """


@command.command(cls=Command)
@click.argument("recipes", metavar="RECIPES")
@click.option("--out", "out", metavar="SITE", required=True, help="The site's folder, which is made if needed.")
@_ONLY
@click.option("--lang", "languages", metavar="CODE", multiple=True, help=f"Language; may be given again.  {_OWN}")
@click.option("--theme", "themes", metavar="NAME", multiple=True, help=f"Colours; may be given again.  {_OWN}")
@click.option("--size", metavar="SIZE", help=f"Of pictures and clips.  {_OWN}")
@_JOBS
@click.option(
    "--limit",
    type=click.IntRange(1, 86_400),
    metavar="SECONDS",
    help="End an entry that takes longer, and go on with the others.",
)
@click.option("--part", metavar="K/N", help="Make the Kth of N parts, K from 1; gdviz gallery merge joins them.")
@click.option("--prune", is_flag=True, help="Remove what the recipes do not ask for any more.")
@_PAGES
@click.option("--draft", is_flag=True, help="Faster and coarser.")
@click.option("--dry-run", is_flag=True, help="Tell what would be made, and make nothing.")
@click.option("--why", is_flag=True, help="Tell of every picture that is made what has changed.")
@click.option("--report", metavar="FILE", help="Write what was done as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but the path.")
@click.option("--json-progress", is_flag=True, help="Progress as JSON lines on standard error.")
def build(recipes: str, out: str, **asked: object) -> None:
    """Make the pictures of RECIPES, a folder or one recipe, that are missing or have changed, and pages of them all.

    A recipe that cannot be made keeps its old page and ends in the report; the exit code is then 1. The last line
    printed is the site's absolute path.
    """
    from gdviz.cli.gallery import build

    build(recipes, out, **asked)  # type: ignore[arg-type]


@command.command(cls=Command)
@click.argument("sites", metavar="SITE...", nargs=-1, required=True)
@click.option("--out", "out", metavar="SITE", required=True, help="The folder of the whole site.")
@_PAGES
def merge(sites: tuple[str, ...], out: str, no_pages: bool) -> None:
    """Put the sites of several --part builds of one gallery together."""
    from gdviz.cli.gallery import merge

    merge(sites, out, no_pages)


@command.command("list", cls=Command)
@click.argument("recipes", metavar="RECIPES")
@_ONLY
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def list_(recipes: str, only: tuple[str, ...], as_json: bool) -> None:
    """List the entries and decks of RECIPES with their jobs and formats."""
    from gdviz.cli.gallery import list_entries

    list_entries(recipes, only, as_json)


@command.command(cls=Command)
@click.argument("recipes", metavar="RECIPES")
@_ONLY
@click.option("--site", metavar="SITE", help="Also compare the site's files with their hashes.")
def check(recipes: str, only: tuple[str, ...], site: str | None) -> None:
    """Read every recipe and deck of RECIPES and tell what is wrong, without making anything."""
    from gdviz.cli.gallery import check

    check(recipes, only, site)


@command.command(cls=Command)
@click.argument("recipes", metavar="RECIPES")
@_ONLY
@click.option("--baselines", metavar="FOLDER", required=True, help="Where the pictures are that are compared with.")
@click.option("--update", is_flag=True, help="Keep the new pictures as those to compare with.")
@_JOBS
@click.option("--quiet", is_flag=True, help="Print faults alone.")
def test(recipes: str, only: tuple[str, ...], baselines: str, update: bool, jobs: int | None, quiet: bool) -> None:
    """Make a small still of every recipe, and compare those that say so with the pictures in a folder.

    A recipe's table [gallery] says which: test = "run", which is meant where nothing is said, makes it, "compare" also
    looks at its pixels, "off" does neither. The exit code is 1 where something fails or differs.
    """
    from gdviz.cli.gallery import test

    test(recipes, only, baselines, update, jobs, quiet)


@command.command(cls=Command)
@click.argument("folder", metavar="FOLDER")
def new(folder: str) -> None:
    """Write a first gallery.toml and a first recipe into FOLDER."""
    from gdviz.cli.gallery import new

    new(folder)
