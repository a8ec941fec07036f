"""The reference site behaves as the old one: asked over HTTP, as a process of its own."""
