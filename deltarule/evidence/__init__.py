"""What shows that the numbers are right: the printed page, Octave's results, numerical gradients, the errata."""
