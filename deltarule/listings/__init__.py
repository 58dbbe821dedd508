"""The MATLAB book's listings, a module a chapter, the loop they share, and what each of its programs trains on."""
