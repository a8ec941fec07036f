"""The `bridge` commands, one file a group. Part of the composition root `cli`: may import anything."""
