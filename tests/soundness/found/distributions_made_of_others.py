# once: `flow`.requires_grad was claimed False, torch has ['True']
import torch
import torch.distributions as D

loc = torch.zeros(2, requires_grad=True)
plain = D.Normal(torch.zeros(2), torch.ones(2))
shifted = D.TransformedDistribution(plain, [D.AffineTransform(loc, torch.ones(2))])
flow = shifted.log_prob(torch.ones(2))
apart = D.Independent(plain, 1).log_prob(torch.ones(2))
together = D.Independent(D.Normal(loc, 1.0), 1)
inner = together.log_prob(torch.ones(2))
distance = D.kl_divergence(together, D.Independent(plain, 1))
draw = together.rsample()
mixture = D.MixtureSameFamily(
    D.Categorical(torch.ones(2)), D.Independent(D.Normal(loc.expand(2, 2), 1.0), 1)
)
likely = mixture.log_prob(torch.ones(2))
