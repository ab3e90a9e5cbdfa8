"""Dates are decided from the whole column; ratings are turned so that higher is better."""

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BrokenRow, InvalidRating
from service.ingest import RatingSpec, parse_rating, read_comments


def dates(*values):
    content = "text,date\n" + "".join(f'x,"{value}"\n' for value in values)
    return [comment.date for comment in read_comments(io.BytesIO(content.encode()), filename="a.csv")]


def ratings(spec, *values):
    content = "text,score\n" + "".join(f'x,"{value}"\n' for value in values)
    comments = read_comments(io.BytesIO(content.encode()), filename="a.csv", ratings=[spec])
    return [comment.ratings.get("score") for comment in comments]


@pytest.mark.parametrize(
    "value",
    ["2024-03-31", "2024/3/31", "2024.03.31", "2024-03-31T23:59:59Z", "2024-03-31 08:15", "31/03/2024", "31.3.2024",
     "31-03-2024 9:41:03 am", " 31/03/2024 "],
)  # fmt: skip
def test_usual_ways_to_write_a_date_are_read(value):
    assert dates(value) == [dt.date(2024, 3, 31)]


def test_an_empty_date_is_none():
    assert dates("", "2024-01-02", " ") == [None, dt.date(2024, 1, 2), None]


def test_one_day_over_twelve_proves_that_the_day_comes_first():
    assert dates("04/03/2024", "31/03/2024") == [dt.date(2024, 3, 4), dt.date(2024, 3, 31)]


def test_one_second_number_over_twelve_proves_that_the_month_comes_first():
    assert dates("04/03/2024", "03/31/2024") == [dt.date(2024, 4, 3), dt.date(2024, 3, 31)]


def test_without_proof_the_day_comes_first():
    assert dates("04/03/2024", "01/02/2024") == [dt.date(2024, 3, 4), dt.date(2024, 2, 1)]


def test_where_two_exports_were_put_together_a_date_follows_the_proofs_around_it(caplog):
    found = dates("31/01/2024", "01/02/2024", "28/02/2024", "04/05/2024", "1/31/2024", "2/1/2024", "2/28/2024")
    assert found[1] == dt.date(2024, 2, 1)
    assert found[4:] == [dt.date(2024, 1, 31), dt.date(2024, 2, 1), dt.date(2024, 2, 28)]
    assert "2 dates have the day first and 2 the month" in caplog.text


def test_between_proofs_that_disagree_the_more_frequent_order_holds():
    assert dates("31/01/2024", "30/01/2024", "04/05/2024", "1/31/2024")[2] == dt.date(2024, 5, 4)
    assert dates("31/01/2024", "04/05/2024", "1/31/2024", "1/30/2024")[1] == dt.date(2024, 4, 5)


def test_an_impossible_date_names_row_column_value_and_what_would_be_right():
    with pytest.raises(BrokenRow) as caught:
        dates("31/12/2022", "31/31/2022")
    assert caught.value.detail == "row 3, column 'date': '31/31/2022' is not a date (expected YYYY-MM-DD or DD/MM/YYYY)"
    assert caught.value.where == "row 3, column 'date'"


@pytest.mark.parametrize(
    "value", ["30/02/2024", "2024-13-01", "yesterday", "31/12/24", "44561", "00/00/0000", "1/2-2024"]
)
def test_what_is_not_a_date_is_refused(value):
    with pytest.raises(BrokenRow, match=r"row 2, column 'date': .* is not a date"):
        dates(value)


def test_a_month_first_column_is_told_so_in_its_error():
    with pytest.raises(BrokenRow, match=r"expected YYYY-MM-DD or MM/DD/YYYY"):
        dates("12/31/2022", "02/30/2022")


def test_words_in_a_date_column_are_not_repeated():
    with pytest.raises(BrokenRow) as caught:
        dates("I was off sick then and nobody asked me how I was")
    assert "sick" not in caught.value.detail
    assert "a value of 49 characters" in caught.value.detail


@given(st.lists(st.dates(dt.date(1000, 1, 1)), min_size=1, max_size=30))
def test_every_iso_date_comes_back(given_dates):
    assert dates(*(date.isoformat() for date in given_dates)) == given_dates


@given(st.lists(st.dates(dt.date(1000, 1, 1)), min_size=1, max_size=30))
def test_every_day_first_column_comes_back(given_dates):
    assert dates(*(date.strftime("%d/%m/%Y") for date in given_dates)) == given_dates


def test_a_plain_rating_is_taken_as_it_is():
    assert ratings("score", "1", "4.5", "", "-2", " 7 ") == [1.0, 4.5, None, -2.0, 7.0]


def test_a_scale_from_five_to_one_is_turned_and_values_outside_are_missing():
    assert ratings("score=5..1", "5", "4", "3", "2", "1", "6", "7", "0", "") == [1, 2, 3, 4, 5, None, None, None, None]


def test_a_scale_that_rises_is_kept():
    assert ratings("score=0..10", "0", "7", "11") == [0, 7, None]


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0, 1))
def test_a_better_value_never_gets_a_lower_rating(worst, best, share):
    spec = RatingSpec(name="score", worst=worst, best=best)
    between = worst + share * (best - worst)
    if worst == best or not min(worst, best) <= between <= max(worst, best):
        return
    low, middle, high = spec.value(worst), spec.value(between), spec.value(best)
    assert low == pytest.approx(min(worst, best))
    assert high == pytest.approx(max(worst, best))
    assert low - 1e-9 <= middle <= high + 1e-9


@pytest.mark.parametrize("value", ["good", "n/a", "4,5", "nan", "inf", "1e999", "5 stars", "True"])
def test_a_rating_that_is_no_number_is_refused_with_its_place(value):
    with pytest.raises(InvalidRating) as caught:
        ratings("score", "3", value)
    assert caught.value.detail.startswith(f"row 3, column 'score': '{value}' is not a number")


def test_words_in_a_rating_column_are_not_repeated():
    with pytest.raises(InvalidRating) as caught:
        ratings("score", "The queue was far too long and nobody came to help")
    assert "queue" not in caught.value.detail


def test_ratings_are_parsed_from_the_command_line_form():
    assert parse_rating("score") == RatingSpec(name="score")
    assert parse_rating(" My rating = -1.5 .. 2 ") == RatingSpec(name="My rating", worst=-1.5, best=2.0)


@pytest.mark.parametrize(
    "spec", ["", " ", "score=", "score=1", "score=1-5", "score=1..", "score=3..3", "=1..5", "score=a..b"]
)
def test_a_malformed_rating_says_how_it_is_written(spec):
    with pytest.raises(InvalidRating, match=r"COLUMN=WORST\.\.BEST"):
        parse_rating(spec)
