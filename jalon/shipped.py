"""Where the files that come with Jalon lie: beside the packages in a checkout, inside this one when installed."""

from pathlib import Path

HERE = Path(__file__).parent


def pathway_files() -> Path:
    """The folder that holds one folder per pathway."""
    installed = HERE / "bpmn"
    return installed if installed.is_dir() else HERE.parent / "bpmn"


def static_files() -> Path:
    """The folder of style sheets, fonts, pictures and built bundles."""
    return HERE / "static"
