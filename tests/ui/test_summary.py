"""How a finished training is described."""

from dataclasses import replace

from core.storage import runs
from tests.pages.conftest import opened, text
from ui import cache


def test_a_training_that_ended_early_says_why(saved, finished):
    problem = "The gradient exploded in epoch 3: its norm reached inf. The weights of epoch 2 were kept."
    history = replace(finished.history, problem=problem)
    runs.save(replace(finished, id="20300101-000000-00000001", history=history), cache.RUNS)
    app = opened("evaluate")
    assert [box for box in app.warning if "Training ended early" in box.value] and problem in text(app)
    assert "One network, trained on one CPU core in" in text(app)


def test_the_networks_with_weights_are_counted_and_not_those_that_were_planned(saved, finished):
    planned = tuple(replace(epoch, members=5) for epoch in finished.history.epochs)
    weights = {f"members.{i}.{name}": value for i in range(2) for name, value in finished.weights.items()}
    run = replace(
        finished,
        id="20300101-000000-00000002",
        weights=weights,
        history=replace(finished.history, epochs=planned, problem="Memory ran out in epoch 3 of network 3."),
    )
    runs.save(run, cache.RUNS)
    assert "2 networks, trained on one CPU core each in" in text(opened("evaluate"))
