# Where the exponent was unknown, a base of whole numbers was taken for one that only plain numbers
# are the exponents of; an exponent that is a tensor may require grad.
import random

import torch


def perhaps_swapped(first, second):
    if random.random() < 0.3:
        return perhaps_swapped(second, first)
    return first


weight = torch.nn.Parameter(torch.ones(3))
exponent = perhaps_swapped(weight, perhaps_swapped)
counts = torch.arange(3)
powers = counts**exponent
mask = torch.tensor([True, False, True])
masked = mask ** exponent.abs()
