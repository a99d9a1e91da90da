# A namespace holds defaults, what a word was read as, and what somebody puts in its dict.

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("-n", "--num-layers", type=int, default="2")
parser.add_argument("--bias", dest="bias", action="store_true")
parser.add_argument("--no-bias", dest="bias", action="store_false")
parser.add_argument("--name")
parser.add_argument("--sizes", nargs="*", type=int)
parser.set_defaults(bias=True, name="5")
args = parser.parse_args([])
other = parser.parse_args(["--no-bias", "--name=x", "-n", "3"])
short = parser.parse_args(["-n4", "--na", "y", "--sizes", "1", "2"])
both = parser.parse_args(["--no-bias", "--bias"])
w = torch.ones(3, requires_grad=args.bias)
a = torch.ones(3, requires_grad=other.bias)
b = torch.ones(3, requires_grad=other.name == "x")
c = torch.ones(3, requires_grad=args.name == "5")
d = torch.ones(3, requires_grad=args.num_layers == 2)
e = torch.ones(3, requires_grad=other.num_layers == 3)
f = torch.ones(3, requires_grad=short.num_layers == 2)
g = torch.ones(3, requires_grad=short.name == "5")
h = torch.ones(3, requires_grad=short.sizes is None)
i = torch.ones(3, requires_grad=both.bias)
j = torch.ones(3, requires_grad=short.bias)
options = vars(args)
options["bias"] = False
k = torch.ones(3, requires_grad=args.bias)
