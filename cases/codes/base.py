"""What a code list is: what is stored, and what is read."""

CodeList = tuple[tuple[str, str], ...]
