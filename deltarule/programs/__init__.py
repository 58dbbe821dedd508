"""What the scripts share: options, the run, tables, the terminal; and the comparison of all scripts with its page."""
