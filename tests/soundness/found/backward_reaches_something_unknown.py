# once: AttributeError: 'Unknown' object has no attribute 'key' (backward.py:238 in <lambda>)
import torch

def main():
    obs, actions = torch.zeros(3)
    logprobs = torch.zeros(T)
    for epoch in range:
        for idx in torch:
            agent.get(obs[idx], actions[idx])
            ratio = (newlp - logprobs[idx]).exp()
            pg = torch.max(-adv * ratio, -adv * ratio.clamp(1 - clip, 1 + clip)).mean()
            loss = pg
            loss.backward()
