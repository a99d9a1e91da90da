# A deep copy of a model together with its optimizer has an optimizer for the copy; a copy does not.
import copy

import torch
from torch import nn


class Wrapper:
    def __init__(self):
        self.net = nn.Linear(2, 1)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)


class Own:
    def __init__(self, net):
        self.net = net

    def __deepcopy__(self, memo):
        return Own(self.net)


twin = copy.deepcopy(Wrapper())
twin.net(torch.ones(3, 2)).sum().backward()
twin.optimizer.step()
moved = twin.net.weight
own = Own(nn.Linear(2, 1))
shared = copy.deepcopy(own)
shared.net(torch.ones(3, 2)).sum().backward()
weight = own.net.weight
given = weight.grad
both = copy.copy([weight])
both[0].requires_grad_(False)
first = both[0]
