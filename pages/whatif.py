"""What if: change the newest window of a run and see its forecast answer; partial dependence of a feature."""


def main() -> None:
    """Draw the page."""
    from core.errors import CoreError
    from ui import frame, show, whatif
    from ui.trust import draw_line

    frame.page("What if", "Move what the model sees of the newest sessions, and its forecast answers. It says what "
               "this model would do, not what the world would.")
    run = show.current_run()
    show.verdict(run.evaluation)
    draw_line(run)
    symbol = show.symbol_of(run, "whatif-symbol")
    try:
        seen = whatif.scene(run, symbol)
        whatif.missing(run, seen)
        whatif.sliders(run, seen)
        whatif.dependence(run, seen)
    except CoreError as problem:
        show.error(problem)


if __name__ == "__main__":
    main()
