# once: error optimizer-without-parameters (The optimizer raises, it gets no parameters: the iterable it is given is empty.): the program ran to its end
import torch
import torch.nn as nn
net4 = nn.Dropout()
torch.optim.SGD([{'params': net4.parameters()}])
