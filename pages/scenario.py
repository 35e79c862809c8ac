"""What if: change the newest window of a run and see its forecast answer; partial dependence of a feature."""


def main() -> None:
    """Draw the page."""
    from core.errors import CoreError
    from ui import charts, layout
    from ui.explain import scenario
    from ui.explain.reliability import draw_line

    layout.page(
        "What if",
        "Move what the model sees of the newest sessions, and its forecast answers. It says what "
        "this model would do, not what the world would.",
    )
    run = charts.current_run()
    charts.verdict(run.evaluation)
    draw_line(run)
    symbol = charts.symbol_of(run, "whatif-symbol")
    try:
        seen = scenario.scene(run, symbol)
        scenario.missing(run, seen)
        scenario.sliders(run, seen)
        scenario.dependence(run, seen)
    except CoreError as problem:
        charts.error(problem)


if __name__ == "__main__":
    main()
