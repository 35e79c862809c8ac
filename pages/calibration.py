"""Calibration: whether the band, or the probability, came true as often as it promised; when, and at what width."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.charts.forecast.past_forecasts import PastForecasts
    from core.types import Run


def main() -> None:
    """Draw the page."""
    from core.charts.forecast import past_forecasts
    from core.datasets.targets import TARGETS
    from ui import charts, layout

    layout.page("Calibration")
    run = charts.current_run()
    kind = TARGETS[run.spec.target.kind]
    symbol, step = charts.symbol_of(run, "symbol"), charts.step_of(run, "step")
    made = past_forecasts.compute(
        run.forecast,
        run.spec.model.kind,
        symbol,
        step,
        unit=kind.unit,
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
    )
    if kind.binary:
        probabilities(run, made)
    else:
        bands(run, made)


def bands(run: "Run", made: "PastForecasts") -> None:
    """Of an error band: shares, time, years, regimes, steps, width, score and PIT, two charts in a row."""
    import streamlit as st

    from core.charts.evaluation import calibration, calibration_tables, interval_coverage
    from core.data.frame import select_symbol
    from core.datasets.levels import level_column
    from core.evaluation.calibration import SEGMENT_LENGTH
    from ui import charts
    from ui.evaluate.benchmark_intervals import rivals

    asked, steps = run.spec.bands, run.forecast["step"].nunique()
    table = select_symbol(run.frame, made.symbol)
    beside = rivals(run)
    if steps > 1:
        share = calibration_tables.path_coverage(run.forecast, made.model, made.symbol)
        how = "joint: it should hold whole paths" if asked.joint else "pointwise: each step holds its share"
        st.caption(f"The band is {how}. It held {share:.1%} of the paths of {steps} steps at every step.")
    promise, through = (
        calibration_tables.compute_nested(run.forecast, made),
        interval_coverage.compute_rolling(made, SEGMENT_LENGTH),
    )
    years = calibration_tables.compute_by_year(made)
    regimes = calibration_tables.compute_by_regime(made, table[level_column(run.spec.target, tuple(table.columns))])
    widths, scores = calibration_tables.compute_widths(made, beside), calibration_tables.compute_winkler(made, beside)
    place, by_step = (
        calibration_tables.compute_pit(run.forecast, made),
        interval_coverage.compute_by_step(run.evaluation),
    )
    drawn = [
        ("Promised and held", calibration.draw_nested(promise), promise),
        ("Through time", interval_coverage.draw_rolling(through), through),
        ("Year by year", calibration.draw_by_group(years), years),
        ("Calm and storm", calibration.draw_by_group(regimes), regimes),
        ("Width", calibration.draw_widths(widths), widths),
        ("Against other bands", calibration.draw_scores(scores), scores),
        ("Where outcomes fell", calibration.draw_pit(place), place),
    ]
    if steps > 1:
        drawn.append(("Step by step", interval_coverage.draw_by_step(by_step), by_step))
    for row in range(0, len(drawn), 2):
        for column, (title, figure, chart) in zip(st.columns(2), drawn[row : row + 2], strict=False):
            with column:
                st.subheader(title)
                charts.chart(figure, chart.caption, f"calibration-{title}")
    if "garch" not in scores.values:
        st.caption("GARCH has no band here: it takes returns of a level above zero, and enough of them.")


def probabilities(run: "Run", made: "PastForecasts") -> None:
    """Of a direction: what was announced and came, before and after calibration, and the Brier scores."""
    import streamlit as st

    from core.charts.evaluation import calibration, calibration_tables, scatter
    from ui import charts

    found, base, part = calibration_tables.fit_platt(run.forecast, made.model, made.symbol, made.step)
    better, scores = calibration_tables.calibrate(made, found, base)
    where = "calibration" if part == "calib" else "validation"
    st.caption(
        f"The calibrated probabilities are a logistic curve through {found.count:,} outcomes of the {where} "
        f"part (Platt 1999), of which {base:.1%} were rises: that share is the base rate."
    )
    before, after = scatter.compute_reliability(made), scatter.compute_reliability(better)
    drawn = [
        ("As announced", scatter.draw_reliability(before, 320), before),
        ("Calibrated", scatter.draw_reliability(after, 320), after),
        ("Against the base rate", calibration.draw_scores(scores), scores),
    ]
    for row in range(0, len(drawn), 2):
        for column, (title, figure, chart) in zip(st.columns(2), drawn[row : row + 2], strict=False):
            with column:
                st.subheader(title)
                charts.chart(figure, chart.caption, f"calibration-{title}")


if __name__ == "__main__":
    main()
