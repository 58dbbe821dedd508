"""The other networks of the documents: recurrent, attention, graphs, energy and generation, each as one body.

A sample is a column, weights act from the left, and leading axes of the weights are networks, as in the listings.
"""
