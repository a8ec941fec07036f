"""Elections, nominations, nominees."""
