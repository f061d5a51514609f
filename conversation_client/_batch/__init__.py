"""A batch: what is sent when, and who is told of it."""
