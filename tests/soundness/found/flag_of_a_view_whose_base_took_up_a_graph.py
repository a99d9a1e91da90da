# once: error requires-grad-on-non-leaf where a view that has not looked for its new grad_fn yet takes any flag
import torch

w = torch.ones(3, requires_grad=True)
t1 = torch.rand(3)
t3 = t1.unfold(0, 3, 1)[0]
t1[-1] -= w[0]
t3.requires_grad_(False)
t4 = t3
