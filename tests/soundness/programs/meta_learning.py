"""Fast weights through functional calls: the inner step keeps its graph, the outer one uses it."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Learner(nn.Module):
    def __init__(self, sizes=(1, 8, 1)):
        super().__init__()
        self.vars = nn.ParameterList()
        for inputs, outputs in zip(sizes[:-1], sizes[1:]):
            w = nn.Parameter(torch.empty(outputs, inputs))
            nn.init.kaiming_normal_(w)
            self.vars.append(w)
            self.vars.append(nn.Parameter(torch.zeros(outputs)))

    def forward(self, x, fast=None):
        params = list(self.vars) if fast is None else fast
        last = len(params) // 2 - 1
        for i in range(len(params) // 2):
            x = F.linear(x, params[2 * i], params[2 * i + 1])
            if i != last:
                x = F.relu(x)
        return x


def task():
    amplitude, phase = torch.rand(1) * 4 + 1, torch.rand(1) * 3
    x = torch.rand(10, 1) * 10 - 5
    y = amplitude * torch.sin(x + phase)
    return x[:5], y[:5], x[5:], y[5:]


def adapt(net, x, y, lr, steps, first_order):
    fast = list(net.vars)
    for _ in range(steps):
        loss = F.mse_loss(net(x, fast), y)
        grads = torch.autograd.grad(loss, fast, create_graph=not first_order)
        fast = [w - lr * g for w, g in zip(fast, grads)]
    return fast


net = Learner()
meta = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(3):
    losses = []
    for _ in range(2):
        xs, ys, xq, yq = task()
        fast = adapt(net, xs, ys, 0.01, 2, first_order=step == 0)
        losses.append(F.mse_loss(net(xq, fast), yq))
    total = torch.stack(losses).mean()
    meta.zero_grad()
    total.backward()
    meta.step()

norms = {name: p.grad.norm().item() for name, p in net.named_parameters() if p.grad is not None}
print(total.item(), norms)
