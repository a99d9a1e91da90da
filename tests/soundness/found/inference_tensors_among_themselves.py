# once: error inference-tensor-changed (`torch.outer(t12, t12)` raises: a tensor made in inference mode goes into it, and backward): the program ran to its end
import torch
import torch.nn.functional as F
t1 = torch.randint(0, 5, (3,)).float()
t5 = torch.randint(0, 5, (3,)).float()
t6 = t1
with torch.inference_mode():

    class C10:

        def __init__(self, w, gain=2.0):
            self.w, self.gain = (w.clone().detach().requires_grad_(), gain)

        def make(self, a):
            return C10(a)

    class C10Child(C10):
        pass
    o11 = C10Child(t5)
    t12 = o11.make(t6).w
torch.outer(t12, t12)
