"""What the precision of a training needs of the machine."""

import pytest

from core.training import device

WITH_BFLOAT16 = pytest.mark.skipif(not device.has_bfloat16("cpu"), reason="this processor has no bfloat16")
