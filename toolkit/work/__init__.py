"""Long work: what is finished is kept so that a killed one can go on, and whoever listens is told how it gets on."""

from toolkit.work.cache import Cache, cache_folder
from toolkit.work.folder import Workplace, alone
from toolkit.work.work import NOWHERE, Listener, Silent, Work

__all__ = ["NOWHERE", "Cache", "Listener", "Silent", "Work", "Workplace", "alone", "cache_folder"]
