# next() of a generator that waits inside `with torch.no_grad():` leaves grad mode off.
import torch

layer = torch.nn.Linear(2, 2)


def batches(count):
    with torch.no_grad():
        for _ in range(count):
            yield torch.ones(2)


waiting = batches(2)
first = next(waiting)
a = layer(first)
del waiting
b = layer(first)
