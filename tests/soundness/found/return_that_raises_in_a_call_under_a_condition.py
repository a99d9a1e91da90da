# once: error inference-tensor-changed for a return that an earlier call went through, where the one that raises stands under a condition
import random
import torch


class Scaled:
    def __init__(self, w):
        self.w = w

    def scale(self, a):
        return a * self.w


t1 = torch.full((3,), 1.0)
t2 = torch.ones(3)
o5 = Scaled(t2)
o5.scale(t1)
o5.w.requires_grad_()
if random.random() < 0.5:
    with torch.inference_mode():
        t9 = torch.lerp(t2, t1, 0.3)
    o5.scale(t9)
