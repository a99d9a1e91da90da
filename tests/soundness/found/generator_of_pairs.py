# What a generator yields in a loop is known to whoever asks, also where it has no end.
import torch

w = torch.ones(3, requires_grad=True)


def pairs(count):
    for _ in range(count):
        yield torch.ones(3), w * 2


def endless(batches):
    while True:
        for batch in batches:
            yield batch


for x, y in pairs(6):
    a = x * y
for x, y in list(pairs(2)):
    b = x * y
for x in endless([torch.ones(3), torch.zeros(3)]):
    (x * w).sum().backward()
    break
c = w.grad
waiting = endless([torch.ones(3)])
for _ in range(3):
    d = next(waiting) * w
