"""The stories: numbers computed on the spot, and mistakes that move them."""

from tests.pages.conftest import captions, opened, text


def illusion(app):
    return app.segmented_control(key="story").set_value("illusion").run()


def test_here_is_skill_shows_five_steps_with_their_charts(idle):
    app = opened("stories")
    assert [heading.value[:1] for heading in app.subheader] == ["1", "2", "3", "4", "5"]
    assert set(captions(app)) == {"story-steps", "story-sources", "story-band", "story-shuffled"}
    assert "luck alone would hardly do that" in text(app)


def test_here_is_an_illusion_starts_without_a_mistake(idle):
    app = illusion(opened("stories"))
    assert not app.exception
    assert "R² of 0.99" in text(app) and "Just repeats the last value" in text(app)
    assert "as it is when everything is done honestly" in captions(app)["story-mistakes"]


def test_a_mistake_moves_the_number_and_says_why(idle):
    app = illusion(opened("stories"))
    app.toggle(key="leak-split").set_value(True).run()
    assert "The mistakes make it" in captions(app)["story-mistakes"]
    assert "on its own it moves the error" in text(app) and "purging" in text(app)


def test_the_indicator_is_refused_in_the_words_of_the_check(idle):
    app = illusion(opened("stories"))
    app.toggle(key="leak-indicator").set_value(True).run()
    assert "1 feature looks ahead: dpo_centred:20" in text(app)
    assert "A feature copies the target" in text(app)


def test_a_scaler_that_does_no_harm_is_said_to_do_none(idle):
    app = illusion(opened("stories"))
    app.toggle(key="leak-scaler").set_value(True).run()
    assert "Here the leak changes nothing" in text(app)
    app.radio(key="learns").set_value("level").run()
    assert "a close that lay in the future" in text(app)
