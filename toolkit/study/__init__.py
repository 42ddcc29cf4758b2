"""What predictions say of the world: shares corrected for the errors of the classifier, over time, by speaker."""

from toolkit.study.page import corpus_page
from toolkit.study.predictions import DIMENSIONS
from toolkit.study.prevalence import DESIGNS, Prevalence, Share, prevalence, read_gold

__all__ = ["DESIGNS", "DIMENSIONS", "Prevalence", "Share", "corpus_page", "prevalence", "read_gold"]
