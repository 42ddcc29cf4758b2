"""How far annotators agree, on labels and on spans, and whether they drift."""
