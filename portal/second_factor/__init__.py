"""An authenticator app beside the password: setting it up, its codes, and living without it."""
