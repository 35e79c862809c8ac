"""Calibration: whether intervals, or probabilities, come true as often as they should; when, and at what width."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.charts.forecast.past_forecasts import PastForecasts
    from core.types import Run


def main() -> None:
    """Draw the page."""
    from core.charts.forecast import past_forecasts
    from core.datasets.targets import TARGETS
    from ui import layout, names, verdict, widgets

    run = layout.open_run("Calibration")
    verdict.draw_chip(run)
    kind = TARGETS[run.spec.target.kind]
    symbol, step = widgets.choose_symbol(run), widgets.choose_step(run)
    track = past_forecasts.of_run(run, symbol, step, names.unit(run))
    if kind.binary:
        draw_probabilities(run, track)
    else:
        draw_intervals(run, track)
    verdict.draw_details(run.evaluation)


def draw_intervals(run: "Run", track: "PastForecasts") -> None:
    """Of a prediction interval: coverage by level, time, year, regime and step; width, score and PIT."""
    import streamlit as st

    from core.charts import text
    from core.charts.evaluation import calibration, calibration_tables, interval_coverage
    from core.data.frame import select_symbol
    from core.datasets.levels import level_column
    from core.evaluation.calibration import SEGMENT_LENGTH
    from core.language import message, tr
    from ui import charts, markdown, names, summary
    from ui.evaluate import benchmark_intervals

    bands, steps = run.spec.bands, run.forecast["step"].nunique()
    table = select_symbol(run.frame, track.symbol)
    benchmarks = benchmark_intervals.load(run)
    summary.draw_few_scores(run, track.symbol)
    if steps > 1:
        share = calibration_tables.path_coverage(run.forecast, track.model, track.symbol)
        kind = tr("The band is pointwise: it aims at each step on its own.")
        if bands.joint:
            kind = tr("The band is joint: it aims to cover whole paths.")
        covers = tr(
            "It covers {share} of the paths of {steps} at every one of them.",
            share=f"{share:.1%}",
            steps=text.steps(steps, names.unit(run)),
        )
        st.caption(f"{kind} {covers}")
    level = table[level_column(run.spec.target, tuple(table.columns))]
    nominal = calibration_tables.compute_nested(run.forecast, track)
    over_time = interval_coverage.compute_rolling(track, SEGMENT_LENGTH)
    years, regimes = calibration_tables.compute_by_year(track), calibration_tables.compute_by_regime(track, level)
    widths = calibration_tables.compute_widths(track, benchmarks)
    scores = calibration_tables.compute_winkler(track, benchmarks)
    pit = calibration_tables.compute_pit(run.forecast, track)
    by_step = interval_coverage.compute_by_step(names.evaluation(run))
    grid = [
        (message("Nominal and actual coverage"), calibration.draw_nested(nominal), nominal.caption),
        (message("Through time"), interval_coverage.draw_rolling(over_time), over_time.caption),
        (message("By year"), calibration.draw_by_group(years), years.caption),
        (message("By volatility"), calibration.draw_by_group(regimes), regimes.caption),
        (message("Width"), calibration.draw_widths(widths), widths.caption),
        (message("Against benchmark intervals"), calibration.draw_scores(scores), scores.caption),
        (message("Where outcomes fell (PIT)"), calibration.draw_pit(pit), pit.caption),
    ]
    if steps > 1:
        grid.append((message("By step"), interval_coverage.draw_by_step(by_step), by_step.caption))
    charts.show_titled(grid, "calibration")
    if "garch" not in scores.values:
        reason = benchmarks.attrs["no_garch"]
        st.caption(markdown.escape(tr("No GARCH interval here: {reason}", reason=reason)))


def draw_probabilities(run: "Run", track: "PastForecasts") -> None:
    """Of a direction: probabilities and outcomes, before and after calibration, and the Brier scores."""
    import streamlit as st

    from core.charts.evaluation import calibration, calibration_tables, scatter
    from core.language import message, tr
    from ui import charts

    fitted, base_rate, part = calibration_tables.fit_platt(run.forecast, track.model, track.symbol, track.step)
    calibrated, scores = calibration_tables.calibrate(track, fitted, base_rate)
    split = tr("calibration") if part == "calib" else tr("validation")
    st.caption(
        tr(
            "Calibrated by a logistic curve through {count} outcomes of the {split} split (Platt 1999); {share} of "
            "them rose, which is the base rate.",
            count=f"{fitted.count:,}",
            split=split,
            share=f"{base_rate:.1%}",
        )
    )
    before, after = scatter.compute_reliability(track), scatter.compute_reliability(calibrated)
    grid = [
        (message("As forecast"), scatter.draw_reliability(before, 320), before.caption),
        (message("Calibrated"), scatter.draw_reliability(after, 320), after.caption),
        (message("Against the base rate"), calibration.draw_scores(scores), scores.caption),
    ]
    charts.show_titled(grid, "calibration")


if __name__ == "__main__":
    main()
