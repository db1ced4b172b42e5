"""One file per heavy library: the only place that imports it."""
