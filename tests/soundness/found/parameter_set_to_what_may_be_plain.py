# once: error parameter-replaced where the value may be a parameter as well. A registered parameter is set to what is a parameter on this run, and a plain tensor on others.
import torch
import torch.nn as nn
t1 = torch.tensor(1.0)
t2 = nn.Parameter()

def gen4(a, b):
    yield from (a, b)
t6, e5 = gen4(t2, t1)

class Net8(nn.Module):

    def forward(self, x):
        self.cache = x
net7 = Net8()
net7(t2)
net7(t6)
