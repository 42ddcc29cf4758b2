"""Whole files: articles or statements in, a row per statement out.

A plan turns any input into partitions and rows set aside; a part is what a job makes of one partition; an engine does
the parts; a run skips those that are done, and joins all of them.
"""

from toolkit.prediction.engines import local, ray, spark
from toolkit.prediction.named import named_model
from toolkit.prediction.part import Job, Worker
from toolkit.prediction.parted import ending_of, refuse_folder
from toolkit.prediction.plan import Inputs, Plan, write_articles
from toolkit.prediction.remote import Aside, Far, Names, fetched, is_url, on_disk, remote, said
from toolkit.prediction.run import Done, Output, predict, told, whole_table, work_folder

__all__ = [
    "Aside",
    "Done",
    "Far",
    "Inputs",
    "Job",
    "Names",
    "Output",
    "Plan",
    "Worker",
    "ending_of",
    "fetched",
    "is_url",
    "local",
    "named_model",
    "on_disk",
    "predict",
    "ray",
    "refuse_folder",
    "remote",
    "said",
    "spark",
    "told",
    "whole_table",
    "work_folder",
    "write_articles",
]
