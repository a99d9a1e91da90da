"""The words programs are written with. `{x}` is one tensor throughout a phrase, each `{y}`
another one; every tensor has three numbers."""

from __future__ import annotations

CREATIONS = [
    "torch.tensor([1.0, 2.0, 3.0], requires_grad=True)",
    "torch.randn(3)",
    "nn.Parameter(torch.randn(3))",
    "torch.ones(3, requires_grad=True)",
    "torch.zeros(3).requires_grad_()",
    "torch.rand(3, requires_grad=True) * 1.5",
    "torch.tensor([1.0, 2.0, 3.0])",
    "torch.full((3,), 0.5, requires_grad=True)",
    "torch.arange(3.0)",
    "torch.linspace(0, 1, 3, dtype=torch.double)",
    "torch.empty(3).fill_(1.0)",
    "torch.eye(3, requires_grad=True)[0]",
    "torch.from_numpy(torch.ones(3).numpy())",
    "torch.as_tensor([1.0, 2.0, 3.0])",
    "torch.randint(0, 5, (3,)).float()",
    "torch.normal(0.0, 1.0, (3,))",
]
UNARY = [
    "{x}.exp()", "torch.sin({x})", "{x}.relu()", "torch.tanh({x})", "{x}.sigmoid()", "{x}.abs()",
    "-{x}", "{x} * 2", "2 * {x}", "{x} + 1", "1 - {x}", "{x} / 3", "1 / ({x}.abs() + 1)",
    "{x} ** 2", "2 ** {x}", "{x}.clone()", "{x}.detach()", "{x}.data", "{x}.detach().clone()",
    "{x}.clone().detach().requires_grad_(True)", "{x}.view(-1)", "{x}.reshape(3)", "{x}[:]",
    "torch.softmax({x}, dim=0)", "{x}.cumsum(0)", "{x}.double().float()", "{x}.float()",
    "{x}.to(torch.float32)", "{x}.to('cpu')", "{x}.cpu()", "{x}.type(torch.float)", "torch.round({x})",
    "{x}.sign()", "F.softplus({x})", "F.dropout({x}, 0.5)", "F.dropout({x}, training=False)",
    "{x}.clamp(min=0)", "{x}.flip(0)", "{x}.unsqueeze(0).squeeze(0)", "torch.where({x} > 0, {x}, -{x})",
    "F.gelu({x})", "{x}.contiguous()", "F.layer_norm({x}, (3,))", "{x}.masked_fill({x} > 1, 0.0)",
    "{x}.nan_to_num()", "({x} > 0).float()", "torch.ones_like({x})", "torch.zeros_like({x}, requires_grad=True)",
    "torch.randn_like({x})", "{x}.new_ones(3)", "{x}.mean() * torch.ones(3)", "{x}.sum().expand(3)",
    "{x}.sort().values", "{x}.sort()[0]", "torch.sort({x}, descending=True)[0]", "{x}.topk(3).values",
    "{x}[[2, 1, 0]]", "{x}[torch.tensor([0, 1, 2])]", "{x}.index_select(0, torch.arange(3))",
    "{x}.roll(1)", "torch.diag(torch.diag({x}))", "{x}.repeat(2)[:3]", "torch.stack([{x}, {x}])[1]",
    "{x}.T", "{x}.unfold(0, 3, 1)[0]", "{x}.view(3, 1).t()[0]", "torch.flatten({x})", "F.pad({x}, (0, 1))[:3]",
    "{x}.argsort().float()", "torch.nn.functional.normalize({x}, dim=0)", "{x}.square()", "{x}.norm() * {x}",
    "torch.log1p({x}.abs())", "{x}.sqrt().nan_to_num()", "torch.tensor({x}.tolist())", "torch.tensor({x}.sum().item()) + {x}",
    "torch.from_numpy({x}.detach().numpy())", "F.leaky_relu({x})", "F.elu({x})", "F.silu({x})", "F.hardtanh({x})",
    "({x} if {x}.requires_grad else {x} * 2)", "(lambda a: a * 2)({x})", "sum([{x}, {x}])", "{x}.cumprod(0)",
    "{x}.narrow(0, 0, 3)", "{x}.split(3)[0]", "{x}.tensor_split(1)[0]", "{x}.view_as({x})", "{x}.expand_as({x})",
    "torch.atleast_2d({x})[0]", "{x}.var() + {x}", "{x}.prod() + {x}", "{x}.logsumexp(0) - {x}", "{x}.max() - {x}",
    "{x}.std(unbiased=False) * {x}", "torch.unbind({x}.view(3, 1), 1)[0]", "F.log_softmax({x}, -1)",
]
BINARY = [
    "{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / ({y}.abs() + 1)", "torch.maximum({x}, {y})",
    "torch.stack([{x}, {y}]).sum(0)", "torch.cat([{x}, {y}])[:3]", "torch.cat(({x}, {y}), dim=0)[3:]",
    "torch.outer({x}, {y}).sum(0)", "F.mse_loss({x}, {y}, reduction='none')", "torch.lerp({x}, {y}, 0.3)",
    "torch.where({x} > {y}, {x}, {y})", "torch.dot({x}, {y}) * {x}", "torch.add({x}, {y}, alpha=2)",
    "torch.addcmul({x}, {y}, {y})", "F.smooth_l1_loss({x}, {y}) + {x}", "{x} @ torch.outer({y}, {y})",
    "torch.einsum('i,i->i', {x}, {y})", "torch.min({x}, {y})", "torch.atan2({x}, {y})", "{x}.mul({y}).add({x})",
    "{x} ** {y}.abs().clamp(max=2)", "torch.stack(({x}, {y}), dim=1)[:, 0]", "torch.hypot({x}, {y})",
    "F.cosine_similarity({x}, {y}, dim=0) * {y}", "({x} * {y}).detach() + {x}", "torch.cross({x}, {y}, dim=0)",
    "F.linear({x}, torch.outer({y}, {y}))", "torch.linalg.norm({x} - {y}) * {x}", "{x}.dist({y}) + {y}",
    "F.l1_loss({x}, {y}, reduction='none')", "{x}.where({y} > 0, {y})", "(({x} > {y}) * {x})",
    "torch.vstack([{x}, {y}])[0]", "(a := {x} * 2) + {y}", "[{x}, {y}][1]", "({x}, {y})[-1]", "max({x}.sum(), {y}.sum()) * {x}",
    "{x}.index_copy(0, torch.arange(3), {y})", "torch.scatter({x}, 0, torch.arange(3), {y})",
]
PAIRS = [
    "{x}, {y}", "{x} * 2, {y}", "torch.stack([{x}, {y}])", "torch.stack([{x}, {y}]).unbind(0)",
    "torch.cat([{x}, {y}]).chunk(2)", "torch.cat([{x}, {y}]).split(3)", "torch.broadcast_tensors({x}, {y})",
    "[{x}, {y}.detach()]", "{x}.sort()", "torch.stack([{x}, {y}]).max(dim=0)", "(lambda a, b: (b, a))({x}, {y})",
    "({x} for _ in range(2))", "map(torch.exp, ({x}, {y}))", "torch.stack([{x}, {y}]).tensor_split(2)",
]
VIEWS = [
    "{x}[:]", "{x}[1:]", "{x}[0]", "{x}.view(3, 1)", "{x}.unsqueeze(0)", "{x}.detach()", "{x}.data", "{x}.T",
    "{x}.view(-1)", "{x}.chunk(3)[1]", "{x}.unbind(0)[2]", "{x}.split(1)[0]", "{x}.expand(2, 3)", "{x}[None]",
    "{x}.view(1, 3).transpose(0, 1)", "{x}.narrow(0, 1, 2)", "{x}.squeeze()", "{x}[...]", "{x}.reshape(-1)",
    "{x}.diagonal(0, 0, 0) if {x}.dim() > 1 else {x}[:2]", "{x}.detach()[1:]", "{x}[::2]", "{x}.flatten()",
    "{x}.as_strided((2,), (1,))", "{x}.select(0, 1)", "{x}.permute(0)", "{x}.view_as({x})", "{x}.unflatten(0, (3, 1))",
]
INPLACE_ANY = [
    "{x} += 1", "{x} *= 2", "{x}.add_(1)", "{x}.mul_(3)", "{x}.zero_()", "{x}.clamp_(-1, 1)", "{x}.exp_()",
    "{x}.fill_(0.5)", "{x}.relu_()", "{x}.sub_({x}.detach())", "{x} -= 1", "{x}.copy_({x} * 2)", "{x}.neg_()",
    "{x} /= 2", "{x}.sigmoid_()", "{x}.mul_({x})",
]
INPLACE = [
    *INPLACE_ANY, "{x} -= {y}", "{x} *= {y}", "{x} += {y}", "{x}[0] = 1.0", "{x}[1:] += 1", "{x}.copy_({y})", "{x} **= 2",
    "{x}[0] = {y}[1]", "{x}[:] = {y}", "{x}[{x} > 0] = 0.0", "{x}.data.add_(1)", "{x}.data = {y}.data", "{x}.add_({y}, alpha=-0.1)",
    "{x}.masked_fill_({x} > 0, 0.5)", "{x}.detach().zero_()", "torch.relu_({x})", "F.relu({x}, inplace=True)",
    "nn.init.normal_({x})", "nn.init.zeros_({x})", "{x}.data[0] = 5.0", "{x}.uniform_(-1, 1)", "{x}.index_fill_(0, torch.tensor([0]), 1.0)",
    "{x}.addcmul_({y}, {y})", "{x}.lerp_({y}, 0.5)", "{x}[0].add_(1)", "{x}.view(-1).mul_(2)", "{x}.normal_()", "torch.add({x}, {y}, out={x})",
    "{x}.index_add_(0, torch.arange(3), {y})", "{x}.scatter_(0, torch.arange(3), {y})", "{x}.t_()", "{x}.squeeze_()", "{x}.resize_(3)",
    "{x}.tanh_()", "{x}[1] *= 2", "{x}[:2].copy_({y}[:2])", "{x}.set_({y}.detach())", "{x}.swap = 1", "{x}[-1] -= {y}[0]",
]
SWITCHES = [
    "{x}.retain_grad()", "{x}.requires_grad_()", "{x}.requires_grad_(False)", "{x}.requires_grad = True",
    "{x}.requires_grad = False", "{x}.detach_()", "{x}.grad = None", "{x}.grad = torch.ones(3)",
    "{x}.requires_grad_(random.random() < 0.5)", "{x}.grad = {x}.detach().clone()", "{x}.register_hook(lambda g: g * 2)",
    "{x}.grad = {y}.detach()", "{x}.detach_().requires_grad_()", "torch.set_grad_enabled(False)", "torch.set_grad_enabled(True)",
    "{x}.requires_grad_({y}.requires_grad)", "{x}.requires_grad = not {x}.requires_grad",
]
BACKWARDS = [
    "{x}.sum().backward()", "({x} * {y}).sum().backward()", "{x}.sum().backward(retain_graph=True)",
    "{x}.backward(torch.ones(3))", "{x}.mean().backward()", "({x} + {y}).pow(2).mean().backward()",
    "torch.autograd.backward({x}.sum())", "torch.autograd.backward([{x}.sum(), {y}.sum()])",
    "{x}.backward(gradient={y}.detach())", "({x} - {y}).abs().sum().backward(create_graph=True)",
    "if {x}.requires_grad:\n    {x}.sum().backward()", "{x}.sum().backward(inputs=[{y}])",
    "F.mse_loss({x}, {y}).backward()", "({x} * {y}.detach()).sum().backward()", "if {x}.grad_fn is not None:\n    {x}.sum().backward()",
]
READS = [
    "{g} = {x}.grad", "{g} = {x}.grad", "{g} = {x}.grad", "{g} = {x}.grad is None", "print({x}.grad)",
    "if {x}.grad is not None:\n    {g} = {x}.grad * 2", "{g} = {x}.grad.clone() if {x}.grad is not None else {x}",
    "{g} = {x}.grad\nif {g} is not None:\n    {g}.zero_()", "if {x}.grad is None:\n    {g} = {x}\nelse:\n    {g} = {x}.grad.norm()",
    "{g} = [p.grad for p in ({x}, {y})]", "if {x}.is_leaf and {x}.requires_grad:\n    {g} = {x}.grad",
    "with torch.no_grad():\n    if {x}.grad is not None:\n        {x} -= 0.1 * {x}.grad\n        {x}.grad = None",
    "if {x}.grad is not None:\n    {x}.grad.zero_()", "{g} = getattr({x}, 'grad', None)", "{g} = {x}.grad if {x}.is_leaf else {x}",
    "for {g} in ({x}, {y}):\n    if {g}.grad is None:\n        continue\n    {g}.grad.zero_()",
]
GRADS = [
    "{g} = torch.autograd.grad({x}.sum(), {y}, allow_unused=True)[0]", "({g},) = torch.autograd.grad({x}.sum(), [{x}])",
    "{g}, = torch.autograd.grad(({x} * {y}).sum(), {y}, create_graph=True)", "{g} = torch.autograd.grad({x}.exp().sum(), {x})[0]",
    "{g} = torch.autograd.grad({x}.pow(3).sum(), {x}, create_graph=True)[0]", "{g} = torch.autograd.grad({x}, {y}, torch.ones(3), retain_graph=True)[0]",
    "{g} = torch.autograd.functional.jacobian(torch.exp, {x})[0]", "{g} = torch.func.grad(lambda a: (a * {y}).sum())({x})",
    "{g} = torch.utils.checkpoint.checkpoint(torch.exp, {x}, use_reentrant=False)",
]
CONDITIONS = [
    "True", "False", "1 < 2", "random.random() < 0.5", "random.random() < 0.5", "random.random() < 0.5", "{x}.requires_grad",
    "not {x}.requires_grad", "{x}.is_leaf", "{x}.sum() > 0", "{x}.grad is None", "{x}.grad is not None", "isinstance({x}, torch.Tensor)",
    "{x}.grad_fn is None", "{x} is not None", "len({x}) == 3", "torch.is_grad_enabled()", "{x}.sum().item() > 1", "isinstance({x}, nn.Parameter)",
    "{x}.requires_grad and {x}.is_leaf", "{x}.requires_grad or random.random() < 0.5", "{x}.dim() == 1", "{x}.shape[0] == 3", "{x}.dtype == torch.float32",
    "random.choice([True, False])", "{x}.is_leaf and {x}.grad is not None", "random.randint(0, 1)", "not (random.random() < 0.5 and {x}.requires_grad)",
]
LISTS = [
    "[{x}, {y}]", "[{x}]", "[{x}, {x} * 2, {y}]", "[a * 2 for a in ({x}, {y})]", "[{x} * k for k in range(2)]", "list(torch.stack([{x}, {y}]))",
    "[a for a in [{x}, {y}] if a.requires_grad] + [{x}]", "[torch.ones(3, requires_grad=True) for _ in range(2)]", "list(({x}, {y}))", "[{x}] * 2",
    "[a.detach() for a in ({x}, {y})]", "sorted([{x}, {y}], key=lambda a: float(a.sum()))", "list(reversed([{x}, {y}]))",
]
TO_LIST = [
    "{l}.append({x})", "{l}[0] = {x}", "{l}.extend([{x}, {y}])", "{l} += [{x}]", "{l}.insert(0, {x} * 2)", "{l} = {l} + [{y}]",
    "for a in {l}:\n    a.requires_grad_()", "for i, a in enumerate({l}):\n    {l}[i] = a * 2", "{l}[0] += 1", "{l}[-1].mul_(2)",
    "for a in {l}:\n    a += 1", "{l}.reverse()", "{l} = [a.clone() for a in {l}]", "{l}[0].retain_grad()", "{l}[:] = [{x}]", "{l} = {l}[1:] + [{x}]",
    "for a, b in zip({l}, [{x}, {y}]):\n    c = a * b", "{l}.append({l}[0].detach())",
]
FROM_LIST = [
    "{l}[0]", "{l}[-1]", "sum({l})", "torch.stack({l}).sum(0)", "torch.cat({l})[:3]", "{l}.pop() * 1", "sum(a for a in {l})", "[a for a in {l}][0]",
    "torch.stack([a * 2 for a in {l}]).mean(0)", "next(iter({l}))", "{l}[0] * {l}[-1]", "max({l}, key=lambda a: float(a.sum()))", "next(a for a in {l})",
    "torch.stack(tuple(map(torch.exp, {l})))[0]", "sum(a * k for k, a in enumerate({l}))", "random.choice({l})", "(lambda *a: a[0])(*{l})",
]
DICTS = [
    "{'a': {x}, 'b': {y}}", "dict(a={x}, b={y})", "{k: {x} * 2 for k in 'ab'}", "{'a': {x}, **{'b': {y}}}", "dict([('a', {x}), ('b', {y})])", "dict(zip('ab', ({x}, {y})))",
]
TO_DICT = [
    "{d}['a'] = {x}", "{d}['c'] = {x} * {y}", "{d}.update(b={x})", "{d}['a'] += 1", "for k, v in {d}.items():\n    {d}[k] = v * 2", "{d}.setdefault('c', {x})",
    "for v in {d}.values():\n    v.requires_grad_()", "{d} = {k: v.detach() for k, v in {d}.items()}", "{d}['b'].retain_grad()", "{d}[random.choice('ab')] = {x}",
]
FROM_DICT = [
    "{d}['a']", "{d}['b']", "sum({d}.values())", "{d}.get('a')", "list({d}.values())[0]", "{d}.get('zz', {d}['a'])", "torch.stack(list({d}.values())).sum(0)",
    "{**{d}}['b']", "(lambda a, b, **k: a + b)(**{d})", "{d}[random.choice('ab')]",
]
FROM_OBJECT = [
    "{o}.w", "{o}.scale({x})", "{o}.double", "{o}.w * {x}", "{o}.keep({x})", "{o}.last", "type({o}).scale({o}, {x})", "{o}.make({x}).w", "getattr({o}, 'w')",
]
LAST = "({x} + {y}).sum().backward()"
LAST_READS = ["{g} = {x}.grad", "{g} = {x}.grad", "{g} = {x}.grad", "print({x}.grad)"]
FLAT = {
    "assign": 36, "unpack": 5, "inplace": 12, "view": 6, "state": 8, "backward": 5, "read": 6,
    "grads": 2, "container": 8, "flag": 2, "leave": 6,
}  # fmt: skip
STATEMENTS = {
    **FLAT, "leave": 3, "branch": 8, "loop": 7, "while": 3, "attempt": 3, "with": 7, "match": 2,
    "function": 8, "closure": 3, "object": 4, "net": 5, "train": 3, "custom": 1, "generator": 1,
}  # fmt: skip
