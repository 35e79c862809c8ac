"""Players: one per feature or per group, each with its past and its known future columns."""

from core.explain.game import Player, build_players


def test_each_feature_is_a_player_with_its_known_column():
    assert build_players(("a", "b", "day"), ("day",)) == (
        Player(name="a", past=(0,)),
        Player(name="b", past=(1,)),
        Player(name="day", past=(2,), known=(0,)),
    )


def test_a_group_plays_with_the_columns_of_its_members():
    groups = {"calendar": ("day", "month"), "price": ("a",)}
    assert build_players(("a", "day", "month"), ("month", "day"), groups) == (
        Player(name="calendar", past=(1, 2), known=(1, 0)),
        Player(name="price", past=(0,)),
    )
