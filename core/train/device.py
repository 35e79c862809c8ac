"""Where a model is trained: CPU on one thread, CUDA or MPS."""

from core.errors import TrainError


def choose(wanted: str) -> str:
    """The device that `wanted` (auto, cpu, cuda, mps) stands for here. Raises TrainError when it is not there."""
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[wanted]:
        raise TrainError(f"This machine has no {wanted} device; it has {', '.join(n for n in there if there[n])}. "
                         "Set train.device to auto.")
    return wanted


def warm() -> None:
    """Import torch and what it imports itself at the first step of an optimizer, which takes as long again."""
    import torch

    one_thread()
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.sum().backward()
    torch.optim.AdamW([weight]).step()


def one_thread() -> None:
    """One thread a process: small recurrent nets get slower with more, and sums then depend on the machine's load."""
    import torch

    torch.set_num_threads(1)
