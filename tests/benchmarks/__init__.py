"""Measurements on data that lies outside the project. They print figures and assert nothing about time."""
