# once: gradients of `torch.autograd.backward(tensors=…)`, of `inputs=` and of an unknown root were claimed to be none
import torch

unknown = eval("lambda t: (t * 2).sum()")
w = torch.ones(3, requires_grad=True)
u = unknown(w)
w.grad = None
torch.autograd.backward([u], retain_graph=True)
g1 = w.grad
w.grad = None
torch.autograd.backward(tensors=u)
g2 = w.grad
k = torch.ones(3, requires_grad=True)
torch.autograd.backward(tensors=[(k * 2).sum()])
g3 = k.grad
t = k * 3
torch.autograd.backward([t.sum()], inputs=[t])
g4 = t.grad
t.grad = None
(t * w).sum().backward()
g5 = t.grad
s = k * w
unknown(w).backward(inputs=[s])
(s * w).sum().backward()
g6 = s.grad
other = torch.ones(3, requires_grad=True)
torch.autograd.backward((k * other).sum(), inputs=(k,))
g7 = other.grad
