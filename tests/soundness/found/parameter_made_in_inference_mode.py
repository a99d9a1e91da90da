# once: error inference-tensor-changed (`x * self.weights[0]` raises: a tensor made in inference mode goes into it, and backward w): the program ran to its end
import torch
import torch.nn as nn
t1 = torch.eye(3)
t5 = t1
with torch.inference_mode():

    class Net7(nn.Module):

        def __init__(self=3):
            super().__init__()
            self.weights = nn.ParameterList([nn.Parameter(torch.ones(3))])

        def forward(self, x):
            x = x * self.weights[0]
            return x
    net6 = Net7()
    t9 = net6(t5)
if t1.sum():
    pass
else:
    net6(t9)
