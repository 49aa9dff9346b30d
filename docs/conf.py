"""How the documentation is built."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "chaos-mcp"
author = "The chaos-mcp maintainers"
copyright = "the chaos-mcp maintainers"  # noqa: A001 - Sphinx' name of it
extensions = ["myst_parser", "sphinx_click", "catalogue"]
html_theme = "furo"
html_title = "chaos-mcp"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
