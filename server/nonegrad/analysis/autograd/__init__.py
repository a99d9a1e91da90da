"""What PyTorch does: operators recorded, views and writes in place, backward, leaves."""
