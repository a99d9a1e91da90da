"""torch.nn and torch.optim: modules, layers, what they hold, optimizers."""
