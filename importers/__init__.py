"""What the old site owns, brought over: extract, plan, apply, ledger, verify, undo."""
