"""Scenario: change the newest window of a run and see the forecast that follows; partial dependence of a feature."""


def main() -> None:
    """Draw the page."""
    from core.errors import CoreError
    from ui import layout, messages, verdict, widgets
    from ui.explain import reliability, scenario

    run = layout.open_run("Scenario")
    verdict.draw_chip(run)
    symbol = widgets.choose_symbol(run)
    try:
        context = scenario.load(run, symbol)
        scenario.draw_missing(run, context)
        scenario.draw(run, context)
        scenario.draw_dependence(run, context)
    except CoreError as problem:
        messages.error(problem)
    reliability.draw_line(run)


if __name__ == "__main__":
    main()
