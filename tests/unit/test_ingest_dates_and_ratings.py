"""Dates are decided from the whole column; ratings are turned so that higher is better."""

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from service.errors import BrokenRow, InvalidRating
from service.ingest import RatingSpec, parse_rating, read_comments


def dates(*values, order=None):
    content = "text,date\n" + "".join(f'x,"{value}"\n' for value in values)
    return [comment.date for comment in read_comments(io.BytesIO(content.encode()), filename="a.csv", dates=order)]


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


@pytest.mark.parametrize("before", [(), ("",), ("2024-03-31",), ("05/05/2024",)])
def test_where_nothing_tells_the_first_date_that_could_be_two_days_is_refused_with_both_and_what_to_do(before):
    with pytest.raises(BrokenRow) as caught:
        dates(*before, "03/04/2026", "01/02/2026")
    row = 2 + len(before)
    assert caught.value.where == f"row {row}, column 'date'"
    assert caught.value.detail == (
        f"row {row}, column 'date': '03/04/2026' could be two days, and no other date of the column tells which; write "
        "the one that is meant as 2026-04-03 or 2026-03-04, and the others so too; or say which all are: --dates "
        "day-first or --dates month-first, over HTTP the form field 'dates'"
    )


def test_a_date_whose_day_is_its_month_is_one_day_whatever_comes_first():
    assert dates("05/05/2026", "2026-03-04") == [dt.date(2026, 5, 5), dt.date(2026, 3, 4)]


def test_who_says_what_comes_first_is_believed():
    assert dates("03/04/2026", "2026-04-03", order="day-first") == [dt.date(2026, 4, 3)] * 2
    assert dates("03/04/2026", "04/25/2026", order="month-first") == [dt.date(2026, 3, 4), dt.date(2026, 4, 25)]


def test_a_date_that_is_not_as_was_said_is_refused():
    with pytest.raises(BrokenRow, match=r"row 3.*'04/25/2026' is not a date \(expected YYYY-MM-DD or DD/MM/YYYY\)"):
        dates("03/04/2026", "04/25/2026", order="day-first")


def test_dates_of_a_workbook_prove_nothing_about_those_that_are_text():
    book, content = Workbook(), io.BytesIO()
    for cells in (("text", "date"), ("x", dt.datetime(2026, 4, 25)), ("x", "03/04/2026")):
        book.active.append(cells)
    book.save(content)
    content.seek(0)
    with pytest.raises(BrokenRow, match=r"row 3, column 'date': '03/04/2026' could be two days"):
        read_comments(content, filename="a.xlsx")


def test_where_two_exports_were_put_together_a_date_follows_the_proofs_around_it(caplog):
    found = dates("31/01/2024", "01/02/2024", "28/02/2024", "1/31/2024", "2/1/2024", "2/28/2024")
    assert found[1] == dt.date(2024, 2, 1)
    assert found[3:] == [dt.date(2024, 1, 31), dt.date(2024, 2, 1), dt.date(2024, 2, 28)]
    assert "2 dates have the day first and 2 the month" in caplog.text


def test_where_two_exports_meet_a_date_belongs_to_the_one_it_is_by_far_nearer_to():
    assert dates("30/09/2022", "10/09/2021", "10/17/2021")[1] == dt.date(2021, 10, 9)
    assert dates("10/17/2021", "10/09/2022", "30/09/2022")[1] == dt.date(2022, 9, 10)


@pytest.mark.parametrize(
    ("values", "row"),
    [
        (("25/04/2026", "03/04/2026", "04/25/2026"), 3),
        (("25/04/2026", "04/25/2026", "03/04/2026"), 4),
        (("03/04/2026", "25/04/2026", "04/25/2026"), 2),
    ],
)
def test_where_dates_contradict_each_other_one_that_could_be_two_days_is_refused(values, row):
    with pytest.raises(BrokenRow) as caught:
        dates(*values)
    day, month = values.index("25/04/2026") + 2, values.index("04/25/2026") + 2
    assert caught.value.where == f"row {row}, column 'date'"
    assert f"could be two days, and row {day} has the day first and row {month} the month" in caught.value.detail
    assert "write the one that is meant as 2026-04-03 or 2026-03-04" in caught.value.detail


def test_dates_of_which_each_has_one_reading_are_read_in_whatever_mixture():
    found = dates("25/04/2026", "04/25/2026", "2026-04-25", "25.4.2026", "2026/4/25 8:00")
    assert found == [dt.date(2026, 4, 25)] * 5


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


@given(
    st.lists(st.dates(dt.date(1000, 1, 1)), min_size=1, max_size=30),
    st.sampled_from(("day-first", "month-first", None)),
)
def test_no_column_is_read_as_other_days_than_those_it_was_written_with(given_dates, order):
    form = "%m/%d/%Y" if order == "month-first" else "%d/%m/%Y"
    try:
        assert dates(*(date.strftime(form) for date in given_dates), order=order) == given_dates
    except BrokenRow:
        assert order is None
        assert all(date.day <= 12 for date in given_dates)


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


@pytest.mark.parametrize("value", ["good", "n/a", "4,5", "NaN", "inf", "1e999", "5 stars", "4/5", "1_000", "٣", "True"])
def test_a_rating_that_is_no_number_is_refused_with_its_place(value):
    with pytest.raises(InvalidRating) as caught:
        ratings("score", "3", value)
    assert caught.value.detail.startswith(f"row 3, column 'score': '{value}' is not a number")


@pytest.mark.parametrize(("value", "right"), [("7,5", "write 7.5"), ("good", "write it in digits, like 4 or 4.5")])
def test_a_rating_that_is_no_number_is_told_how_one_is_written(value, right):
    with pytest.raises(InvalidRating, match=f"{right}, or leave it empty"):
        ratings("score", value)


def test_a_rating_of_json_that_is_true_is_no_number():
    with pytest.raises(InvalidRating, match=r"line 1, column 'score': 'True' is not a number"):
        read_comments(io.BytesIO(b'{"text": "x", "score": true}'), filename="a.ndjson", ratings=["score"])


@pytest.mark.parametrize(
    "words", ["The queue was far too long and nobody came to help", "queue too long", "Rumpelstiltskinqueue"]
)
def test_words_in_a_rating_column_are_not_repeated(words):
    with pytest.raises(InvalidRating) as caught:
        ratings("score", words)
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
