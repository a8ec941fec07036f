"""The site: python.org on Litestar. Its roots `asgi`, `worker`, `cli` and `commands` put the bridge around it."""
