"""Fits a line with a small network and a learnable temperature. The temperature never moves."""

import torch
from torch import nn


class Regressor(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(1, width)
        self.out = nn.Linear(width, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.out(torch.tanh(self.hidden(inputs)))


def make_batch(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    inputs = torch.linspace(-1.0, 1.0, size, dtype=torch.float64).unsqueeze(1)
    targets = 3.0 * inputs - 1.0 + 0.1 * torch.randn(size, 1, dtype=torch.float64)
    return inputs, targets


torch.manual_seed(0)
model = Regressor(width=16).double()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# `.double()` makes a new tensor, so this name holds a result, not the leaf.
temperature = torch.full((1,), 2.0, requires_grad=True).double()

for epoch in range(20):
    inputs, targets = make_batch(64)
    predictions = model(inputs) / temperature
    loss = nn.functional.mse_loss(predictions, targets)

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    if epoch % 5 == 0:
        print(f"epoch {epoch:2}: loss {loss.item():.4f}")

slope = temperature.grad
print("slope of the loss in the temperature:", slope)
