"""The raw numbers of each head and the quantiles that they stand for."""

import numpy as np
import pytest
import torch
from scipy import stats

from core.models import heads
from core.spec import QUANTILES, Model


def test_each_head_has_its_outputs_and_a_direction_one_logit() -> None:
    outputs = {head: heads.output_count(Model(head=head), binary=False) for head in ("quantiles", "point", "gaussian")}
    assert outputs == {"quantiles": 8, "point": 1, "gaussian": 2}
    assert {heads.output_count(Model(head=head), binary=True) for head in outputs} == {1}


def test_quantiles_are_sorted_and_a_point_is_seven_equal_ones() -> None:
    raw = torch.tensor([[3.0, 1.0, 2.0, 0.0, 6.0, 5.0, 4.0, -9.0]])  # the last one is the mean
    assert heads.distribution("quantiles", raw).tolist() == [[0, 1, 2, 3, 4, 5, 6, -9]]
    assert heads.distribution("point", torch.tensor([[2.0], [3.0]])).tolist() == [[2.0] * 8, [3.0] * 8]
    logit = torch.tensor([[-1.0]])
    assert torch.equal(heads.distribution("logit", logit), logit)


def test_a_gaussian_has_the_quantiles_of_its_normal() -> None:
    *quantiles, mean = heads.distribution("gaussian", torch.tensor([1.5, np.log(2.0)], dtype=torch.float64))
    np.testing.assert_allclose(quantiles, stats.norm(1.5, 2.0).ppf(QUANTILES), rtol=1e-9)
    assert mean == 1.5
    assert torch.isfinite(heads.distribution("gaussian", torch.tensor([0.0, 1e9]))).all()


@pytest.mark.parametrize("head", ["quantiles", "point", "gaussian"])
def test_rescaled_raw_numbers_have_rescaled_quantiles(head: str) -> None:
    raw = torch.randn(3, 2, 4, heads.RAW[head], generator=torch.Generator().manual_seed(0))
    scale, offset = torch.tensor([0.5, 1.0, 3.0]), torch.arange(4.0)
    rescaled = heads.distribution(head, heads.rescale(head, raw, scale, offset))
    expected = heads.distribution(head, raw) * scale[:, None, None, None] + offset[:, None]
    torch.testing.assert_close(rescaled, expected)
