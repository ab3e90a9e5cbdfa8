"""Files to comments, purposes and codebooks: every format, one column mapping, errors that name the place."""

from service.ingest.codebook import parse_codebook, read_codebook
from service.ingest.mapping import TEXT_COLUMN, ColumnMapping
from service.ingest.purpose import parse_purpose, read_purpose
from service.ingest.ratings import RatingSpec, parse_rating
from service.ingest.reader import FORMATS, read_comments

__all__ = [
    "FORMATS",
    "TEXT_COLUMN",
    "ColumnMapping",
    "RatingSpec",
    "parse_codebook",
    "parse_purpose",
    "parse_rating",
    "read_codebook",
    "read_comments",
    "read_purpose",
]
