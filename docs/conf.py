"""Configuration of the site. docs/build.py gathers its pages and runs Sphinx."""

import inspect
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the API pages import the package

project = "fslkeras"
author = "fslkeras authors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
default_role = "code"  # docstrings write `names` as in Markdown

nb_execution_mode = "off"  # the chapters come executed
nb_merge_streams = True
nb_code_prompt_show = "Show a solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
mathjax_path = "mathjax.js"  # docs/build.py puts it there

autodoc_default_options = {
    "members": True,
    "imported-members": True,
    "exclude-members": "from_config, get_config",  # Keras' own
}
autodoc_member_order = "groupwise"
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Call arguments", "params_style")]

html_title = "fslkeras"
html_theme = "pydata_sphinx_theme"
html_favicon = "static/icon.svg"
html_context = {"default_mode": "auto"}
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


def setup(app):
    app.connect("autodoc-process-signature", own_arguments)


def own_arguments(app, what, name, item, options, signature, returns):
    """The arguments of a Keras layer or loss, which its metaclass hides behind *args, **kwargs."""
    if what == "class" and "__init__" in vars(item):
        kept = list(inspect.signature(item.__init__).parameters.values())[1:]
        signature = str(inspect.Signature(kept))
    return signature, returns
