# once: `base`.requires_grad was claimed True, torch has False: random.choice gave the leaf that is switched off
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
t1 = torch.tensor([1.0, 2.0, 3.0])
t2 = torch.arange(3.0)
t3 = nn.Parameter(torch.randn(3))
for i4 in (t2, t1):
    net5 = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))
    opt6 = torch.optim.SGD(list(net5.parameters()) + [t1], lr=0.1)
    for _ in range(5):
        net5.zero_grad()
        loss7 = sum(p.pow(2).sum() for p in net5.parameters())
        loss7.backward()
        with torch.no_grad():
            for p in net5.parameters():
                p -= 0.1 * p.grad
    i4.data = i4.data
    ds9 = dict(zip('ab', (t1, t3)))
ls10 = [a for a in [t3, t1] if a.requires_grad] + [t3]
t11 = t1.roll(1)
t12 = random.choice(ls10)
with torch.inference_mode():
    t12.requires_grad = False
with torch.enable_grad():
    try:
        class C13:
            base = t3
        
            def __init__(self, w):
                self.w = w
                self.last = w * 2
        
            @property
            def double(self):
                return self.w * 2
        
            def scale(self, a):
                return a * self.w
        
            def keep(self, a):
                self.last = self.last + a
                return self.last
        
            @classmethod
            def make(cls, a):
                return cls(a)
        o14 = C13(t1)
        o14.extra = t3
        t15 = o14.extra * 2
        setattr(o14, 'w', t11)
    except (ValueError, RuntimeError):
        try:
            flag17 = t3.requires_grad and t3.is_leaf
            t2.sum().backward(inputs=[t2])
            assert t11.requires_grad, 'no'
        except RuntimeError:
            ls18 = [t1, t1 * 2, t1]
            t11 = t11.topk(3).values
            t19 = torch.vstack([t11, t1])[0]
        else:
            t20 = torch.maximum(t11, t12)
            [t21, t22] = t11 * 2, t3
    else:
        match [t11, 1]:
            case 'a':
                t3[:2].copy_(t11[:2])
                ls10[:] = [t12]
            case [_, _]:
                t2[0].add_(1)
                t23 = next(iter(ls10))
            case m24:
                t25 = [a for a in ls10][0]
                t11.grad = torch.ones(3)
    t1.exp_()
class C28:
    count = 0

    def __init__(self, w, gain=2.0):
        self.w, self.gain = w.clone().detach().requires_grad_(), gain
        self.last = None
        type(self).count += 1
        self.keep(t1)

    def __call__(self, a):
        return self.scale(a)

    def __mul__(self, a):
        return self.w * a

    @property
    def double(self):
        with torch.no_grad():
            return self.w * self.gain

    def scale(self, a):
        if self.gain > 1:
            return a * self.w
        return a

    def keep(self, a):
        if self.last is None:
            self.last = a
        self.last = self.last * self.w
        return self.last

    def make(self, a):
        return C28(a)
o29 = C28(t3)
t30 = t3.squeeze()
t11[1] *= 2
g32 = t3.grad
print(t11.grad)
