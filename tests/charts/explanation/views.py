"""Explanation overviews written by hand, so that every number of a chart can be checked by eye."""

import numpy as np

from core.explain.grouping import Groups, ImportanceSummary

YEARS = [[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [1.0, 4.0]]
SPLITS = [[9, 0, 0, 0, 0], [5, 4, 0, 0, 0], [0, 0, 2, 7, 0], [0, 0, 0, 2, 1]]


def groups(by, names, mean_GF, part_GP=None):
    """Groups of windows, eight training windows each unless `part_GP` says otherwise."""
    mean_GF = np.array(mean_GF, dtype=float)
    part_GP = np.tile([8, 0, 0, 0, 0], (len(names), 1)) if part_GP is None else np.array(part_GP)
    return Groups(by=by, names=tuple(names), mean_GF=mean_GF, part_GP=part_GP)


def view(time=None, regime=None, features=("a", "b"), lean=(0.5, -0.5)):
    """Four years of two features, without regimes unless given."""
    no_regime = groups("regime", (), np.zeros((0, len(features))), np.zeros((0, 5), dtype=int))
    years = groups("year", ("2007", "2008", "2009", "2010"), YEARS, SPLITS)
    return ImportanceSummary(
        features=features, time=time or years, regime=regime or no_regime, width_F=None, lean_F=np.array(lean)
    )
