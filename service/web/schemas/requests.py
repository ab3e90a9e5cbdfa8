"""The shapes of requests, as Pydantic models, and what is made of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.errors import DuplicateIds, EmptyBatch, InvalidPurpose, InvalidRating, MissingPurpose, TooLarge
from service.ingest import DateOrder, check_rating, parse_date, parse_purpose
from service.ingest.table import is_empty
from service.ingest.yaml_file import YamlError, parse_yaml
from service.results import Comment, Purpose, StanceChoice

_PURPOSE_KEYS = re.compile(r"\A\s*\{|^(?:statement|facets)\s*:", re.MULTILINE)
MAX_ANCHORS = 50
MAX_DIMENSIONS = 50
MAX_EDITS = 50


def _storable(value: object) -> object:
    """Characters that no database or tokenizer takes become U+FFFD, one for one, so that offsets stay true."""
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if not isinstance(value, str):
        return value
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value)


Words = Annotated[str, BeforeValidator(_storable)]
Label = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class FacetIn(_Model):
    """A facet; an id and a title are made from its words when there are none."""

    facet_id: Label | None = Field(default=None, validation_alias=AliasChoices("id", "facet_id"))
    title: Label | None = None
    text: Words
    supports: list[Words] = Field(default_factory=list, max_length=MAX_ANCHORS)
    contradicts: list[Words] = Field(default_factory=list, max_length=MAX_ANCHORS)


def _text_alone(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


GivenFacet = Annotated[FacetIn, BeforeValidator(_text_alone, json_schema_input_type=FacetIn | str)]


class FacetsIn(_Model):
    facets: list[GivenFacet] = Field(min_length=1)


class PurposeIn(_Model):
    """A purpose; its facets are split from the statement when none are given."""

    statement: Words = ""
    facets: list[GivenFacet] = Field(default_factory=list)

    def to_purpose(self, *, path: str = "") -> Purpose:
        """The purpose; ``path`` is where it stands in the request.

        Raises:
            MissingPurpose, InvalidPurpose: it has no words, or a facet is wrong; its path is named.
        """
        try:
            return parse_purpose(self.model_dump(exclude_none=True))
        except (MissingPurpose, InvalidPurpose) as error:
            raise type(error)(error.detail, where=".".join(filter(None, (path, error.where)))) from None


def _statement_alone(value: object) -> object:
    return {"statement": value} if isinstance(value, str) else value


class WithPurpose(_Model):
    """A purpose given inline or by the id of a stored one; a bare string is a statement."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["purpose"]}, {"required": ["purpose_id"]}]})

    purpose: Annotated[PurposeIn, BeforeValidator(_statement_alone, json_schema_input_type=PurposeIn | str)] | None = (
        None
    )
    purpose_id: Label | None = None
    stance: StanceChoice | None = Field(
        default=None, description="Stance model: 'accurate' understands more and takes several times as long."
    )


class TextIn(_Model):
    comment_id: Label | None = Field(default=None, validation_alias=AliasChoices("id", "comment_id"))
    text: Words
    question: Words | None = None
    source: Literal["survey", "pulse", "focus_group", "goal"] = "survey"


class ScoreIn(WithPurpose):
    """Texts to score at once; a bare string is a text without an id."""

    texts: list[Annotated[TextIn, BeforeValidator(_text_alone, json_schema_input_type=TextIn | str)]] = Field(
        json_schema_extra={"minItems": 1}
    )

    def to_comments(self, limit: int) -> list[Comment]:
        """The texts as comments.

        Raises:
            EmptyBatch, TooLarge, DuplicateIds: there are none, more than ``limit``, or two with one id.
        """
        check_count(len(self.texts), limit, "texts", "PLUMBLINE_MAX_SCORE_TEXTS")
        ids = fill_ids([text.comment_id for text in self.texts], "texts")
        return [
            Comment(comment_id=comment_id, text=text.text, question=text.question, source=text.source)
            for comment_id, text in zip(ids, self.texts, strict=True)
        ]


def _date(value: object) -> object:
    if is_empty(value):
        return None
    if not isinstance(value, str):
        raise ValueError("it is not a date; write it as YYYY-MM-DD")
    return parse_date(value)


def _rating(value: object) -> object:
    try:
        return None if is_empty(value) else check_rating(value)
    except ValueError as error:
        raise PydanticCustomError(InvalidRating.code, "{said}", {"said": str(error)}) from None


class CommentIn(TextIn):
    respondent_id: Label | None = None
    date: Annotated[dt.date | None, BeforeValidator(_date)] = None
    groups: dict[Label, Label | None] = Field(default_factory=dict, max_length=MAX_DIMENSIONS)
    ratings: dict[Label, Annotated[float | None, BeforeValidator(_rating)]] = Field(
        default_factory=dict, max_length=MAX_DIMENSIONS
    )


class AnalysisIn(WithPurpose):
    """A batch of comments and what to do with it."""

    name: Label | None = None
    comments: list[CommentIn] = Field(json_schema_extra={"minItems": 1})
    cuts: list[Label] = Field(default_factory=list, max_length=MAX_DIMENSIONS)
    ratings: list[Label] = Field(default_factory=list, max_length=MAX_DIMENSIONS)
    codebook: Annotated[dict[str, Any] | None, BeforeValidator(_storable)] = Field(
        default=None, description="A codebook as in the YAML files: name, version and themes."
    )

    def to_comments(self, limit: int) -> list[Comment]:
        """The batch as comments.

        Raises:
            EmptyBatch, TooLarge, DuplicateIds: there are none, more than ``limit``, or two with one id.
        """
        check_count(len(self.comments), limit, "comments", "PLUMBLINE_MAX_COMMENTS")
        ids = fill_ids([comment.comment_id for comment in self.comments], "comments")
        return [
            Comment(
                comment_id=comment_id,
                text=comment.text,
                respondent_id=comment.respondent_id,
                question=comment.question,
                source=comment.source,
                date=comment.date,
                groups={name: group for name, group in comment.groups.items() if group is not None},
                ratings={name: value for name, value in comment.ratings.items() if value is not None},
            )
            for comment_id, comment in zip(ids, self.comments, strict=True)
        ]


def _purpose_file(value: object) -> object:
    """The text of a purpose file: YAML, of which JSON is a part, when it looks like it, else the statement itself."""
    if not isinstance(value, str) or not _PURPOSE_KEYS.search(value):
        return _statement_alone(value)
    try:
        return parse_yaml(value).data
    except YamlError as error:
        raise ValueError(f"line {error.line}: {error.problem}" if error.line else error.problem) from None


class FileFormIn(WithPurpose):
    """The form fields beside an uploaded file; ``cut``, ``rating`` and ``map`` may be repeated.

    ``purpose`` is a statement, or the text of a purpose file as YAML or JSON.
    """

    purpose: Annotated[PurposeIn, BeforeValidator(_purpose_file, json_schema_input_type=str)] | None = None
    name: Label | None = None
    text_column: Label | None = None
    respondent: Label | None = None
    dates: DateOrder | None = Field(
        default=None,
        description="What comes first in dates like 03/04/2026; without it the column tells, or is refused.",
    )
    cut: list[Label] = Field(default_factory=list, max_length=MAX_DIMENSIONS)
    rating: list[Label] = Field(default_factory=list, max_length=MAX_DIMENSIONS)
    map: list[Label] = Field(default_factory=list, max_length=MAX_DIMENSIONS, description="FIELD=COLUMN")

    def columns(self) -> list[str]:
        """Every ``FIELD=COLUMN`` pair, those with a form field of their own too."""
        own = {"text": self.text_column, "respondent": self.respondent}
        return [*self.map, *(f"{field}={column}" for field, column in own.items() if column)]


class ThemeEditsIn(_Model):
    """Edits of the themes, all made or none, or the last one taken back; ``version`` is the one they were seen in."""

    version: Label
    edits: list[dict[str, Any]] = Field(
        default_factory=list,
        max_length=MAX_EDITS,
        description="Each {op: merge | rename | split | hide | move | correct, …}: merge theme_ids, name; rename "
        "theme_id, name, definition; split theme_id, parts; hide theme_id; move units, theme_id; correct units, "
        "theme_id, belongs. A unit is {comment_id, start}.",
    )
    undo: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> ThemeEditsIn:
        if self.undo == bool(self.edits):
            raise ValueError("give edits, or undo: true")
        return self


class PageQuery(_Model):
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None


def check_count(count: int, limit: int, what: str, setting: str) -> None:
    """At least one and at most ``limit``.

    Raises:
        EmptyBatch, TooLarge: fewer or more; the limit and its setting are named.
    """
    if count == 0:
        raise EmptyBatch(f"there is nothing in '{what}'; send at least one", where=what)
    if count > limit:
        raise TooLarge(f"{count} {what} are more than the limit of {limit} ({setting}); send them in parts", where=what)


def fill_ids(given: list[str | None], what: str) -> list[str]:
    """Ids for those that have none: ``c`` and the position, as in a file.

    Raises:
        DuplicateIds: an id was given twice; both places are named.
    """
    first: dict[str, int] = {}
    for position, comment_id in enumerate(given):
        if comment_id is None:
            continue
        if comment_id in first:
            raise DuplicateIds(
                f"id {comment_id!r} is at {what}[{first[comment_id]}] and again at {what}[{position}]; give each its "
                "own id, or leave the ids out",
                where=f"{what}[{position}].id",
            )
        first[comment_id] = position
    return [comment_id or _unused(f"c{row + 1}", first) for row, comment_id in enumerate(given)]


def _unused(base: str, taken: Collection[str]) -> str:
    while base in taken:
        base += "x"
    return base
