# once: a loop over a generator that yields under no_grad was taken to run with grad mode on
import torch

def outer(n):
    with torch.no_grad():
        for i in range(n):
            yield torch.ones(3)

def inner(n):
    for i in range(n):
        with torch.no_grad():
            x = torch.ones(3)
        yield x

@torch.no_grad()
def deco(n):
    for i in range(n):
        yield torch.ones(3)

def switched_on(n):
    with torch.no_grad():
        for i in range(n):
            with torch.enable_grad():
                yield torch.ones(3)

w = torch.ones(3, requires_grad=True)
for x in inner(3):
    (x * w).sum().backward()
for x in deco(3):
    (x * w).sum().backward()
for x in switched_on(3):
    (x * w).sum().backward()
for x in list(outer(3)):
    (x * w).sum().backward()
for k, x in enumerate(outer(3)):
    break
(w * 2).sum().backward()
for x in outer(3):
    with torch.enable_grad():
        (x * w).sum().backward()
for x in outer(3):
    pass
else:
    (w * 2).sum().backward()
(w * 2).sum().backward()
it = outer(3)
x = next(it)
print((x * w).requires_grad)
torch.set_grad_enabled(True)
(x * w).sum().backward()
del it
def first():
    for x in outer(3):
        return x
(first() * w).sum().backward()
def ones():
    yield from outer(3)
held = ones()
for x in held:
    break
y = x * w
torch.set_grad_enabled(True)
del held
for x in (z * 1 for z in outer(3)):
    y = x * w
try:
    for k, x in enumerate(ones()):
        y = x * w
        y.sum().backward()
except RuntimeError as e:
    print(e)
class Data:
    def __iter__(self):
        with torch.no_grad():
            for i in range(3):
                yield torch.ones(3)
for a, b in zip(range(5), Data()):
    y = b * w
    y.sum().backward() # error
