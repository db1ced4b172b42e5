"""How a pipeline is run: in this process, or in several."""
