# Of what `.data` is set to it takes the numbers, not the graph.
import torch

delta = torch.zeros(3, requires_grad=True)
delta.data = (delta + 1.0).clamp(-1, 1)
layer = torch.nn.Linear(2, 2)
layer.weight.data = layer.weight * 2
