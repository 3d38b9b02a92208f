"""Forms of output: text, LaTeX, Markdown, notebook, one file each.

A printer prints a derivation and never does mathematics: what it shows is what the steps hold.  Precedence
and the arrangement of fractions stand once in `layout.py` (entries) and `matrix.py` (whole arrays); what
differs between a terminal and LaTeX is a table in `notation.py`.
"""
