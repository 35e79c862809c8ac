import numpy as np

from core.charts.evaluation import stories


def test_a_bar_for_each_source_and_the_best_in_blue():
    chart = stories.Sources(reference="mean", names=("two years", "all <b>"), skill_R=np.array([0.1, 0.4]))
    assert "40.0% with all <b>" in chart.caption and "10.0% with two years alone" in chart.caption
    bar = stories.draw_sources(chart).data[0]
    np.testing.assert_array_equal(bar.x, [0.1, 0.4])
    assert bar.marker.color[1] != bar.marker.color[0] and list(bar.text) == ["10.0%", "40.0%"]
    assert "&lt;b&gt;" in stories.draw_sources(chart).layout.yaxis.ticktext[1]


def test_a_dot_for_each_shuffle_and_one_for_the_truth():
    chart = stories.Shuffled(reference="mean", skill=0.5, shuffled_S=np.array([-0.02, 0.03]))
    assert "2 shuffles" in chart.caption and "at most 3.0%" in chart.caption and "50.0%" in chart.caption
    shuffled, true = stories.draw_shuffled(chart).data
    assert list(shuffled.x) == [-0.02, 0.03] and list(true.x) == [0.5]


def test_bars_end_at_the_edge_with_their_number():
    chart = stories.Mistakes(honest=19.6, reported=0.5)
    assert "0.50 times" in chart.caption and "19.6 times" in chart.caption and "97.4% smaller" in chart.caption
    bar = stories.draw_mistakes(chart).data[0]
    assert list(bar.x) == [1.0, stories.WIDEST, 0.5]
    assert list(bar.text) == ["1.00 ×", "19.6 × →", "0.50 ×"]


def test_without_a_mistake_nothing_is_called_smaller():
    assert "done honestly" in stories.Mistakes(honest=1.1, reported=1.1).caption
    assert "larger" in stories.Mistakes(honest=1.1, reported=1.2).caption
