"""Whether labels behave as a codebook says: minimal pairs, capabilities, bias."""
