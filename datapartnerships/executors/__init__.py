"""How a pipeline is run: in this process, in several, or on a cluster."""

from datapartnerships.executors.ray import Ray as Ray

__all__ = ["Ray"]
