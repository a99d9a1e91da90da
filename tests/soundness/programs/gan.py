"""Generator against discriminator, each with its own optimizer; the fake batch is detached once."""
import torch
import torch.nn as nn


def block(inputs, outputs, normalize=True):
    layers = [nn.Linear(inputs, outputs)]
    if normalize:
        layers.append(nn.LayerNorm(outputs))
    layers.append(nn.LeakyReLU(0.2, inplace=True))
    return layers


class Generator(nn.Module):
    def __init__(self, latent=4, outputs=2):
        super().__init__()
        self.model = nn.Sequential(*block(latent, 8, normalize=False), *block(8, 8), nn.Linear(8, outputs), nn.Tanh())

    def forward(self, z):
        return self.model(z)


class Discriminator(nn.Module):
    def __init__(self, inputs=2):
        super().__init__()
        self.features = nn.Sequential(*block(inputs, 8, normalize=False))
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        h = self.features(x)
        return self.head(h)


def toggle(net, flag):
    for p in net.parameters():
        p.requires_grad_(flag)


generator, discriminator = Generator(), Discriminator()
g_opt = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_opt = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
history = {"g": [], "d": []}
fixed = torch.randn(3, 4)

for step in range(4):
    real = torch.randn(8, 2) * 0.5 + 1
    valid, fake_label = torch.ones(8, 1), torch.zeros(8, 1)
    z = torch.randn(8, 4)
    fake = generator(z)

    toggle(discriminator, True)
    d_opt.zero_grad()
    d_real = criterion(discriminator(real), valid)
    d_fake = criterion(discriminator(fake.detach()), fake_label)
    d_loss = (d_real + d_fake) / 2
    d_loss.backward()
    d_opt.step()

    toggle(discriminator, False)
    g_opt.zero_grad()
    g_loss = criterion(discriminator(fake), valid)
    g_loss.backward()
    g_opt.step()

    history["g"].append(g_loss.item())
    history["d"].append(d_loss.detach())
    if step % 2 == 0:
        with torch.no_grad():
            sample = generator(fixed)
            spread = sample.std(dim=0)

mean_d = torch.stack(history["d"]).mean()
print(sum(history["g"]) / len(history["g"]), mean_d.item(), spread)
