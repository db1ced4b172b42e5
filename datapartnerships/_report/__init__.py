"""What `datapartnerships.report` is made of: facts, words, charts, style, and two renderings."""
