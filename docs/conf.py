"""Configuration of the site. docs/build.py gathers its pages and runs Sphinx."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the API pages import the package

project = "fslkeras"
author = "fslkeras authors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
default_role = "code"  # docstrings write `names` as in Markdown
exclude_patterns = ["demo", "README.md"]

nb_execution_mode = "off"  # the chapters come executed
nb_merge_streams = True
nb_code_prompt_show = "Show a solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
mathjax_path = "mathjax.js"  # docs/build.py puts it there

autodoc_default_options = {"members": True, "imported-members": True, "show-inheritance": True}
autodoc_member_order = "groupwise"
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 88

html_title = "fslkeras"
html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "fslkeras"},
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copyright = "fslkeras authors. Code and text: MIT"
