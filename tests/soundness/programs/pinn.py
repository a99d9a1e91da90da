"""A physics-informed network: derivatives of the output with respect to the input, trained on."""
import torch
import torch.nn as nn
from torch import autograd


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(x)


class Field(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, width), Sine(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, x, t):
        return self.net(torch.cat([x, t], dim=1))


def derivative(y, x):
    return autograd.grad(y, x, grad_outputs=torch.ones_like(y), create_graph=True)[0]


def residual(field, x, t, nu=0.01):
    u = field(x, t)
    u_t = derivative(u, t)
    u_x = derivative(u, x)
    u_xx = derivative(u_x, x)
    return u_t + u * u_x - nu * u_xx


def sample(count):
    x = (torch.rand(count, 1) * 2 - 1).requires_grad_()
    t = torch.rand(count, 1)
    t.requires_grad = True
    return x, t


field = Field()
log_nu = nn.Parameter(torch.tensor(-4.0))
optimizer = torch.optim.Adam([{"params": field.parameters()}, {"params": [log_nu], "lr": 1e-2}], lr=1e-3)
for step in range(3):
    x, t = sample(16)
    f = residual(field, x, t, nu=log_nu.exp())
    physics = f.pow(2).mean()
    x0 = torch.linspace(-1, 1, 10).unsqueeze(1)
    u0 = field(x0, torch.zeros_like(x0))
    initial = (u0 + torch.sin(torch.pi * x0)).pow(2).mean()
    loss = physics + initial
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

x_grad, nu_grad = x.grad, log_nu.grad
assert x_grad is not None and nu_grad is not None
with torch.no_grad():
    grid = field(x0, torch.full_like(x0, 0.5))
print(loss.item(), grid.mean().item())
