# once: error backward-without-graph (`t1.backward(gradient=t1.detach())` raises: `t1` does not require grad. Nothing it was com): the program ran to its end
import torch
t1 = torch.linspace(0, 1, 3)
for i4 in t1:
    try:
        pass
    except Exception:
        break
    else:
        t1.requires_grad = True
    finally:
        t1.backward(gradient=t1.detach())
