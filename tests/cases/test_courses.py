"""Courses: one of each level at a time, from the enrolment to the certificate."""

from datetime import date

import pytest

from cases import courses
from core.errors import InvalidForm, WrongOrder

FROM = date(2027, 1, 25)


@pytest.fixture
def course(db, a_case, time):
    time.at("2027-06-15 12:00")
    return courses.enrol(db, a_case.code, "a2", "cpia", FROM, date(2027, 6, 11), by="u_anna")


def test_a_course_ends_with_a_certificate(db, a_case, course):
    courses.end(db, a_case.code, course.id, date(2027, 6, 11), "certificato", 88, by="u_anna")

    assert [(c.level, c.outcome, c.attendance) for c in courses.of_case(db, a_case.code)] == [("a2", "certificato", 88)]


def test_the_same_level_is_attended_once_at_a_time_and_may_be_repeated(db, a_case, course):
    with pytest.raises(WrongOrder):
        courses.enrol(db, a_case.code, "a2", "ente", FROM, by="u_anna")
    assert courses.enrol(db, a_case.code, "licenza_media", "cpia", FROM, by="u_anna").level == "licenza_media"

    courses.end(db, a_case.code, course.id, date(2027, 6, 11), "non_superato", by="u_anna")
    assert courses.enrol(db, a_case.code, "a2", "cpia", date(2027, 9, 1), by="u_anna").ended_on is None


def test_a_closed_course_is_not_closed_again(db, a_case, course):
    courses.end(db, a_case.code, course.id, date(2027, 6, 11), "frequenza", by="u_anna")

    with pytest.raises(WrongOrder):
        courses.end(db, a_case.code, course.id, date(2027, 6, 11), "frequenza", by="u_anna")


@pytest.mark.parametrize(
    ("on", "outcome", "attendance", "field"),
    [
        (date(2027, 1, 24), "frequenza", None, "course_ended"),
        (date(2027, 6, 16), "frequenza", None, "course_ended"),
        (date(2027, 6, 11), "bocciata", None, "course_outcome"),
        (date(2027, 6, 11), "frequenza", 101, "course_attendance"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(db, a_case, course, on, outcome, attendance, field):
    with pytest.raises(InvalidForm) as refused:
        courses.end(db, a_case.code, course.id, on, outcome, attendance, by="u_anna")

    assert field in refused.value.errors


def test_a_course_that_would_end_before_it_begins_is_refused(db, a_case):
    with pytest.raises(InvalidForm):
        courses.enrol(db, a_case.code, "a1", "cpia", FROM, date(2027, 1, 24), by="u_anna")
