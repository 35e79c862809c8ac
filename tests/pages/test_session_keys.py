"""What the session remembers and the keys of boxes and charts are different names."""

from tests.pages.conftest import opened, turn


def test_the_forecast_opens_after_the_recipe_was_chosen(saved):
    turn(opened("train"), "forecast")
