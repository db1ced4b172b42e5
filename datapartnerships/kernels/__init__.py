"""Vectorized text kernels over Arrow strings."""
