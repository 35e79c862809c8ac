"""The sentence of a verdict says what its numbers do."""

import pytest

from core.evaluation import verdict


@pytest.mark.parametrize(("skill", "words"), [(0.02, "2.0% better than"), (-0.02, "2.0% worse than")])
def test_what_chance_could_explain_is_said_with_its_sign(skill: float, words: str) -> None:
    judged = verdict.build_verdict("lstm", "last_value", skill, 0.4, [])
    assert judged.tone == "none" and words in judged.text


@pytest.mark.parametrize(("skill", "p_value", "tone"), [(0.1, 0.049, "good"), (0.1, 0.05, "none"), (-0.1, 0.01, "bad")])
def test_the_tone_follows_skill_and_p_value(skill: float, p_value: float, tone: str) -> None:
    assert verdict.build_verdict("lstm", "last_value", skill, p_value, []).tone == tone
