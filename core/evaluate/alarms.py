"""The alarms that a test part raises: a forecast that copies yesterday, and one that is too good to be true."""

import numpy as np

from core.evaluate import metrics
from core.evaluate.table import Matrix
from core.records import Alarm


def copies_yesterday(model: str, test: Matrix) -> Alarm | None:
    """An alarm when the one-step forecast of a level follows the last value more closely than its own target.

    For a model without proven skill: a good forecast of a slow series follows its last value too.
    """
    y, yhat, last = test.y_NH[:, 0], test.yhat_NH[model][:, 0], test.yhat_NH["last_value"][:, 0]
    if min(np.ptp(y), np.ptp(yhat), np.ptp(last)) == 0:
        return None
    with_last, with_target = np.corrcoef(yhat, last)[0, 1], np.corrcoef(yhat, y)[0, 1]
    if with_target < 0.9 or with_last <= with_target:
        return None
    return Alarm(name="copies yesterday",
                 text=f"The forecast follows the last value (correlation {with_last:.4f}) more closely than the value "
                      f"that it is meant to forecast ({with_target:.4f}). Its R² of {metrics.r2(y, yhat):.3f} only "
                      "says that tomorrow's level is near today's.")
