"""Where a model is trained: CPU on one thread, CUDA or MPS."""

from core.errors import TrainError
from core.language import message


def choose(device: str) -> str:
    """The device for a recipe's auto, cpu, cuda or mps. Raises TrainError if this machine does not have it."""
    import torch

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if available[name])
    if not available[device]:
        raise TrainError(
            message(
                "This machine has no {device} device; it has {available}. Set train.device to auto.",
                device=device,
                available=", ".join(name for name in available if available[name]),
            )
        )
    return device


def has_bfloat16(device: str) -> bool:
    """Whether this device multiplies in bfloat16. A CPU without AVX-512 has no recurrent kernel for it."""
    import torch

    return device != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def uses_bfloat16(precision: str, device: str) -> bool:
    """Whether a training of this precision (auto, float32, bf16) multiplies in bfloat16; auto means float32. Raises
    TrainError if the device cannot.

    Measured on a CPU with AMX: a bare step of a 1×64 LSTM takes 1.12 times as long with 4 chunks, 0.82 with 16, and
    0.73 with 64 windows. The default has 4 chunks, so bfloat16 is a choice for large batches.
    """
    if precision == "bf16" and not has_bfloat16(device):
        raise TrainError(
            message("The processor of this machine does not multiply in bfloat16. Set train.precision to auto.")
        )
    return precision == "bf16"


def release(device: str) -> None:
    """Return memory that no tensor uses any more to the device."""
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
    if device == "mps":
        torch.mps.empty_cache()


def use_one_thread() -> None:
    """One thread per process: small recurrent nets get slower with more, and sums then depend on the machine's load."""
    import torch

    torch.set_num_threads(1)
