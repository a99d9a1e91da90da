# once: error inference-tensor-changed (`c14 * b` raises: a tensor made in inference mode goes into it, and backward would have to): the program ran to its end
import torch
t2 = torch.eye(3, requires_grad=True)[0]
t3 = torch.normal(0.0, 1.0, (3,))
t4, t5 = torch.stack([t3, t2]).tensor_split(2)
d7 = t5
with torch.inference_mode():
    t8 = torch.stack([d7, d7])[1]
t9 = (lambda a, b: (b, a))(t8, t8)

def f13_maker(k):
    c14 = k * 2

    def inner(a, b):
        nonlocal c14
        c14 = c14 + a
        return c14 * b
    return inner
f13 = f13_maker(t8)
t15 = f13(t3, t8)
match 'a':
    case torch.Tensor():
        t1 = f13(t2, t9)
