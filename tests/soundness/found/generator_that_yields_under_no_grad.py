# A generator that waits inside `with torch.no_grad():` leaves grad mode off for who asked it.
import torch

layer = torch.nn.Linear(2, 2)


def batches(count):
    with torch.no_grad():
        for _ in range(count):
            yield torch.ones(2)


@torch.no_grad()
def decorated(count):
    for _ in range(count):
        yield torch.ones(2)


def passed_on(count):
    yield from batches(count)


class Batches:
    def __iter__(self):
        with torch.no_grad():
            yield torch.ones(2)


def made_before(count):
    with torch.no_grad():
        made = [torch.ones(2)] * count
    for one in made:
        yield one


for x in batches(3):
    a = layer(x)
b = layer(torch.ones(2))
for number, x in enumerate(batches(2)):
    c = layer(x)
for x in passed_on(2):
    d = layer(x)
for x in Batches():
    e = layer(x)
for x in decorated(2):
    f = layer(x)
for x in made_before(2):
    g = layer(x)
for x in batches(3):
    break
h = layer(torch.ones(2))
i = [layer(x) for x in batches(2)][0]
held = batches(3)
for x in held:
    break
j = layer(torch.ones(2))
