# once: `value` is claimed to be sequence, it is ['number']
import torch

def main():
    x = torch.randn(3)
    pred = x
    loss = pred.pow(2).mean()
    value = loss.detach().tolist()
main()
