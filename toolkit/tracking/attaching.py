"""Files that are put beside a run when it has long ended."""

from __future__ import annotations

from toolkit.errors import TrackingError, first_line
from toolkit.tracking.store import Store

__all__ = ["attach"]


def attach(store: Store, run_id: str, name: str, text: str) -> None:
    """Log a text as an artifact of a run, in the place of one of the same name. Raises TrackingError where it fails."""
    from mlflow.exceptions import MlflowException

    try:
        store.client().log_text(run_id, text, name)
    except (MlflowException, OSError) as error:
        raise TrackingError(f"{run_id}: {name} could not be logged: {first_line(error)}.") from None
