from core.charts.evaluation import regimes
from core.evaluation import calibration, residuals


def test_every_regime_has_a_title():
    assert {*regimes.TITLES} == {*calibration.REGIMES} == {*residuals.REGIMES}
    assert regimes.title(calibration.REGIMES[-1]) == "high volatility" and regimes.title("2020") == "2020"
