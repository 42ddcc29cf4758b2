"""Rows in files: formats by their ending, read within bounds, set aside where broken, written whole or not at all."""
