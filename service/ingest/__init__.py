"""Files to comments, purposes and codebooks: every format, one column mapping, errors that name the place."""

from service.ingest.codebook import parse_codebook, read_codebook
from service.ingest.cuts import check_cut
from service.ingest.dates import DateOrder, parse_date
from service.ingest.mapping import TEXT_COLUMN, ColumnMapping
from service.ingest.purpose import parse_purpose, read_purpose
from service.ingest.ratings import RatingSpec, check_rating, parse_rating
from service.ingest.reader import FORMATS, read_comments

__all__ = [
    "FORMATS",
    "TEXT_COLUMN",
    "ColumnMapping",
    "DateOrder",
    "RatingSpec",
    "check_cut",
    "check_rating",
    "parse_codebook",
    "parse_date",
    "parse_purpose",
    "parse_rating",
    "read_codebook",
    "read_comments",
    "read_purpose",
]
