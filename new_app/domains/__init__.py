"""The domains of the site, in the order in which their claims are matched: first match wins."""
