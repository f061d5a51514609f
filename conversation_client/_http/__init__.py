"""One call over HTTP, from its request to what its reply comes to."""
