"""Where the files that come with Jalon lie: the same places in a checkout and when installed."""

from pathlib import Path

HERE = Path(__file__).parent


def pathway_files() -> Path:
    """The folder that holds one folder per pathway; it stands beside the packages."""
    return HERE.parent / "bpmn"
