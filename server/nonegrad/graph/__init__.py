"""Autograd graphs as pictures: what is told of each vertex, and the formats to draw it in."""
