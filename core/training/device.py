"""Where a model is trained: CPU on one thread, CUDA or MPS."""

from core.errors import TrainError


def choose(wanted: str) -> str:
    """The device that `wanted` (auto, cpu, cuda, mps) stands for here. Raises TrainError when it is not there."""
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[wanted]:
        raise TrainError(
            f"This machine has no {wanted} device; it has {', '.join(n for n in there if there[n])}. "
            "Set train.device to auto."
        )
    return wanted


def warm() -> None:
    """Import torch and what it imports itself at the first step of an optimizer, which takes as long again."""
    import torch

    one_thread()
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.sum().backward()
    torch.optim.AdamW([weight]).step()


def bf16(precision: str) -> bool:
    """Whether a training of this precision (auto, float32, bf16) multiplies in bfloat16; auto means float32.

    Measured on a CPU with AMX: a bare step of a 1×64 LSTM takes 1.12 times as long with 4 chunks, 0.82 with 16, and
    0.73 with 64 windows; the default has 4 chunks, so it is a choice for large batches.
    """
    return precision == "bf16"


def release(where: str) -> None:
    """Give memory that no tensor holds any more back to the device."""
    import torch

    if where == "cuda":
        torch.cuda.empty_cache()
    if where == "mps":
        torch.mps.empty_cache()


def one_thread() -> None:
    """One thread a process: small recurrent nets get slower with more, and sums then depend on the machine's load."""
    import torch

    torch.set_num_threads(1)
