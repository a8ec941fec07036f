"""E-mail templates kept in a table. The base only; the tables belong to the apps that send."""
