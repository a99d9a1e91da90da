# once: `t47`.grad_fn is claimed SelectBackward0, torch has ['AsStridedBackward0']
import torch

t2 = torch.zeros(3, requires_grad=True)
t3 = torch.eye(3, requires_grad=True)[0]
t2.grad = t3.detach()
t2.backward(gradient=torch.ones(3))
t47 = t3
