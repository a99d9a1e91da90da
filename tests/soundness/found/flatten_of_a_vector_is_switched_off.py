# error requires-grad-on-non-leaf (Switching requires_grad raises: `t15` is not a leaf. It was computed from tensors that req): the program ran to its end
import torch
t3 = torch.zeros(3).requires_grad_()
t15 = torch.flatten(t3)
t15.requires_grad = False
