# once: error inplace-on-saved (`t18.zero_()` overwrites what backward() needs, so it raises. `tanh` on line 5 saved its r): the program ran to its end
import torch
t1 = torch
t2 = torch.eye(3, requires_grad=True)
t5 = 0
t7 = torch.tanh(t2)
t8 = t7[:]

def f9(a10, b11):
    a10.detach_()

    def f13(a14, b15):
        t18 = b15[:]
        t18.zero_()
    f13(t1, t7)
    return b11 * a10
t22 = f9(t7, t5)
(t8 + t22).sum().backward()
