"""A variational autoencoder with the reparameterization trick and an annealed KL term."""
import torch
from torch import nn, optim
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, inputs=10, hidden=8, latent=3):
        super().__init__()
        self.encoder = nn.Linear(inputs, hidden)
        self.mu = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)
        self.decoder = nn.ModuleList([nn.Linear(latent, hidden), nn.Linear(hidden, inputs)])
        self.register_buffer("steps", torch.zeros(1))

    def encode(self, x):
        h = F.relu(self.encoder(x))
        return self.mu(h), self.log_var(h)

    def reparameterize(self, mu, log_var):
        std = torch.exp(0.5 * log_var)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        for i, layer in enumerate(self.decoder):
            z = layer(z)
            if i < len(self.decoder) - 1:
                z = torch.relu(z)
        return torch.sigmoid(z)

    def forward(self, x):
        mu, log_var = self.encode(x.view(x.size(0), -1))
        z = self.reparameterize(mu, log_var) if self.training else mu
        self.steps += 1
        return self.decode(z), mu, log_var


def loss_function(recon, x, mu, log_var, beta):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
    return bce + beta * kld, {"bce": bce.item(), "kld": kld.detach()}


def train(model, batches, epochs=2):
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    log = []
    for epoch in range(epochs):
        beta = min(1.0, epoch / 2)
        for x in batches:
            optimizer.zero_grad(set_to_none=True)
            recon, mu, log_var = model(x)
            loss, parts = loss_function(recon, x, mu, log_var, beta)
            loss.backward()
            optimizer.step()
            log.append(parts)
    return log


model = VAE()
batches = [torch.rand(4, 10) for _ in range(3)]
log = train(model, batches)
model.eval()
with torch.inference_mode():
    recon, _, _ = model(batches[0])
    error = (recon - batches[0]).abs().mean()
print(error.item(), sum(entry["kld"] for entry in log))
