# once: the state of a GRUCell was said to end in SqueezeBackward1, as it does for one vector alone
import torch

cell = torch.nn.GRUCell(3, 4)
state = cell(torch.ones(2, 3))
state = cell(torch.ones(2, 3), state)
alone = cell(torch.ones(3))
plain = torch.nn.RNNCell(3, 4)(torch.ones(2, 3))
