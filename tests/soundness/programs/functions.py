"""Functions of functions: mapped over rows, differentiated, and an ensemble in one call."""
import torch
from torch.func import functional_call, grad, grad_and_value, jacfwd, jacrev, stack_module_state, vmap

weight = torch.ones(3, requires_grad=True)


def rows(one, other):
    row = one
    product = row * weight
    return product.sum(), {"row": row, "other": other, "cut": product.detach()}


x = torch.ones(4, 3)
total, parts = vmap(rows, in_dims=(0, None))(x, weight)
row = parts["row"]
other = parts["other"]
cut = parts["cut"]
same = vmap(lambda one: one)(weight)
swapped = vmap(lambda one: one * weight, out_dims=1)(x)
with torch.no_grad():
    unrecorded = vmap(lambda one: one * weight)(x)


def write(one):
    one += 1
    return one


written = torch.zeros(4, 3)
back = vmap(write)(written)
slope = grad(lambda one: (one * weight).sum())(x[0])
square, (value, beside) = grad_and_value(
    lambda one, two: ((one * one * two).sum(), one * 2), has_aux=True
)(weight, x[0])
pair = grad(lambda one, two: (one * two).sum(), argnums=(0, 1))(x[0], x[1])
first = pair[0]
slopes = jacrev(lambda one: one * weight)(x[0])
both = jacfwd(lambda one, two: one * two, argnums=(0, 1))(weight, x[0])
second = both[1]
table, seen = jacrev(lambda one: (one["a"] * 2, one["a"].sum()), has_aux=True)({"a": weight})
rows_of = table["a"]
bent = vmap(jacrev(lambda one: one.pow(2).sum()))(x)
models = [torch.nn.Linear(3, 1) for _ in range(6)]
params, buffers = stack_module_state(models)
scores = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(params, buffers)
(scores.sum() + total.sum()).backward()
stacked = params["weight"]
member = models[0].weight
filled = stacked.grad

kept = weight * 2
kept.retain_grad()
through = grad(lambda one: (one * one * kept).sum())(x[0])
through.sum().backward(retain_graph=True)
passed = kept.grad
by_rows = vmap(grad(lambda one: (one * one * kept).sum()))(x)
by_rows.sum().backward()
after = weight.grad
