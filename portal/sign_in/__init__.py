"""The door: who comes in, how often one may guess, how long a session lasts."""
