# A lazy layer has its parameters from the beginning; its first call finds out their sizes.
import torch
from torch import nn

net = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2, bias=False))
norm = nn.LazyBatchNorm1d()
optimizer = torch.optim.SGD([*net.parameters(), *norm.parameters()], lr=0.1)
weight = net[2].weight
out = norm(net(torch.ones(2, 3, 5, 5)))
out.sum().backward()
optimizer.step()
first = net[0].weight
bias = norm.bias
