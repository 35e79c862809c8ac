"""Scenario: change the newest window of a run and see the forecast that follows; partial dependence of a feature."""


def main() -> None:
    """Draw the page."""
    from core.errors import CoreError
    from ui import layout, messages, verdict, widgets
    from ui.explain import reliability, scenario

    run = layout.open_run(
        "Scenario",
        "Change what the model sees in the newest steps, and watch its forecast. It shows what the model would do, "
        "not what would really happen.",
    )
    verdict.draw(run.evaluation)
    reliability.draw_line(run)
    symbol = widgets.choose_symbol(run)
    try:
        context = scenario.load(run, symbol)
        scenario.draw_missing(run, context)
        scenario.draw(run, context)
        scenario.draw_dependence(run, context)
    except CoreError as problem:
        messages.error(problem)


if __name__ == "__main__":
    main()
