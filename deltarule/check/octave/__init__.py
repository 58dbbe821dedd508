"""Ports in MATLAB: their files, their runs under GNU Octave, and the errors and misprints that these tell of."""
