"""How the learning rate goes."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def warm_up_cosine(optimizer: Optimizer, *, steps: int, warm_up: float, done: int = 0) -> LambdaLR:
    """A linear warm-up over that share of the steps, then half a cosine down to nothing.

    Loshchilov and Hutter, SGDR, 2017, arXiv:1608.03983. The rate follows from the steps that are `done`
    alone, so that number is all of the schedule that a checkpoint need hold.
    """
    warm = max(1, round(warm_up * steps))

    def share(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2

    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    return LambdaLR(optimizer, share, last_epoch=done - 1)
