# once: `t28`.grad_fn was claimed SelectBackward0, torch has 'AsStridedBackward0'
import torch
import torch.nn as nn
t2 = torch.eye(3, requires_grad=True)[0]
t3 = torch

def f12(a13, b14):
    nn.init.normal_(a13)
    return a13
t28 = f12(t2, t3)
