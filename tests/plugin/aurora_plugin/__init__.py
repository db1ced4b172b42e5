"""A package of somebody else's: one reader, one transform, one detector, one fit."""
