"""How the documentation is built: `sphinx-build -W -n docs docs/_build`."""

import sys
from pathlib import Path

from conversation_client import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "conversation_client"
author = "the contributors of conversation_client"
copyright = author  # noqa: A001  # Sphinx wants it under this name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_code"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "conversation-client"
html_static_path = ["_static"]
html_css_files = ["narrow.css"]
html_extra_path = ["llms.txt"]
html_copy_source = True
"""What `llms.txt` links to."""

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Docstrings name things in single backticks: a link where the documentation has such a thing.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_maximum_signature_line_length = 80
napoleon_numpy_docstring = False
napoleon_use_ivar = True
nitpick_ignore_regex = [
    ("py:obj", r".*"),
    ("py:class", r"conversation_client\..*\b_.*"),  # private, such as the options of a client
    ("py:class", r"conversation_client\.compat\.exceptions\.HttpResponse"),
    ("py:class", r".*\.(T|T_co|D|F|A|C)"),  # type variables
    (
        "py:.*",
        r"(aiohttp|yarl|ssl|uuid|os|typing|types|collections|datetime|enum|multiprocessing|pathlib|cattrs)\b.*",
    ),
]
