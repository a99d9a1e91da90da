# once: `t15`.grad_fn is claimed torch::autograd::CopySlices, torch has ['MulBackward0']
import torch
t2 = torch
t3 = torch.rand(3, requires_grad=True) * 1.5

def f4(a5, b6):
    t7 = a5.narrow(0, 0, 3)
    t7.t_()
    return a5
t15 = f4(t3, t2)
