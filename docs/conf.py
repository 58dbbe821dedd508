"""The site: these pages, and the public functions from their docstrings."""

import re
from pathlib import Path

import deltarule

project = "deltarule"
version = release = deltarule.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
default_role = "autolink"  # `name` in a docstring is a function where there is one, and code where there is none

myst_heading_anchors = 3
myst_links_external_new_tab = True

autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "deltarule"
html_show_sourcelink = False
html_theme_options = {"navbar_center": [], "navigation_with_keys": False, "secondary_sidebar_items": ["page-toc"]}
html_sidebars = {"**": ["globaltoc.html"]}
html_static_path = ["static"]
html_css_files = ["site.css"]

READMES = {"index": "README.md", "ko": "README.ko.md"}


def with_readmes(app, docname, source):
    """The READMEs are pages of the site: put in where they belong, with links that lead there."""
    if docname in READMES:
        text = (Path(__file__).parent.parent / READMES[docname]).read_text(encoding="utf-8")
        source[0] = f"{text}\n{source[0]}"
    pages = {file: page for page, file in READMES.items()}
    source[0] = re.sub(r"\]\(docs/", "](", source[0])
    source[0] = re.sub(r"\]\((?:\.\./)?(README(?:\.ko)?\.md)", lambda m: f"]({pages[m[1]]}.md", source[0])


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", with_readmes)
