"""Downloads: releases of Python and their files."""
