"""What an auditor runs without us: one file, `approdo_verify.py`, that needs neither our database nor our keys."""
