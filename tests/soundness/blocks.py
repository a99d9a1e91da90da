"""The statements with blocks in them: branches, loops, try, with, match, functions, closures."""

from __future__ import annotations

from .writer import IN, Scope, Writer


def inside(w: Writer, scope: Scope, **kind: bool) -> list[str]:
    """A block; what it newly binds stays its own, what it rebinds is the outer name."""
    return w.block(scope.child(**kind))


def make_branch(w: Writer, scope: Scope) -> list[str]:
    """if, elif, else."""
    lines = [f"if {w.condition(scope)}:", *inside(w, scope)]
    if w.chance(0.3):
        lines += [f"elif {w.condition(scope)}:", *inside(w, scope)]
    if w.chance(0.5):
        lines += ["else:", *inside(w, scope)]
    return lines


def make_loop(w: Writer, scope: Scope) -> list[str]:
    """for over a range or over tensors, perhaps with an else."""
    inner = scope.child(loop=True)
    name = w.fresh("i")
    ways = [
        "range(1)",
        "range(2)",
        "range(3)",
        "range(random.randint(0, 2))",
        "range(len('abcdef'))",
    ]
    if w.chance(0.5):
        over = w.draw.choice(ways)
    else:
        inner.names[name] = "vec"
        x, y = w.vec(scope), w.vec(scope)
        over = w.draw.choice([f"({x}, {y})", f"[{x}, {y} * 2]", f"torch.stack([{x}, {y}])"])
        if scope.of("list") and w.chance(0.4):
            over = f"list({w.draw.choice(scope.of('list'))})"
    lines = [f"for {name} in {over}:", *w.block(inner)]
    if w.chance(0.4):
        x = w.vec(scope)
        lines.append(IN + w.fill(w.draw.choice(TURNS).replace("{x}", x), scope))
    if w.chance(0.15):
        lines += ["else:", *inside(w, scope)]
    return lines


TURNS = [
    "{x} = {x} * 0.5", "{x} = {x} + 1", "{x} = {x}.tanh()", "{x} = {x}.detach()", "{x} = {x} * {y}", "{x} += {y}", "{x} = {x}.clone()",
    "{x} = {x}.detach().requires_grad_()", "{x} = {y}",
]  # fmt: skip


def make_while(w: Writer, scope: Scope) -> list[str]:
    """while with a counter."""
    name = w.fresh("n")
    tests = [f"{name} < 2", f"{name} < 3 and random.random() < 0.7", f"{name} < len('ab')", "True"]
    test = w.draw.choice(tests)
    last = [f"{IN}{name} += 1"]
    if test == "True":
        last += [f"{IN}if {name} > 1:", f"{IN}{IN}break"]
    first = w.block(scope.child(loop=True))
    lines = [f"{name} = 0", f"while {test}:", *last, *first]
    if w.chance(0.15):
        lines += ["else:", *inside(w, scope)]
    return lines


def make_attempt(w: Writer, scope: Scope) -> list[str]:
    """try with what may raise, and with what follows."""
    lines = ["try:", *inside(w, scope)]
    if w.chance(0.5):
        risky = w.draw.choice(RISKS)
        lines.append(IN + w.fill(risky, scope))
        if w.chance(0.4):
            lines += inside(w, scope)
    if w.chance(0.8):
        kind = w.draw.choice(["Exception", "RuntimeError", "(ValueError, RuntimeError)"])
        lines += [f"except {kind}:", *inside(w, scope)]
        if w.chance(0.3):
            lines += ["else:", *inside(w, scope)]
        if w.chance(0.3):
            lines += ["finally:", *inside(w, scope)]
        return lines
    return [*lines, "finally:", *inside(w, scope)]


RISKS = [
    "{x}.sum().backward()", "raise RuntimeError('no')", "if random.random() < 0.5: raise ValueError('no')", "{x}.requires_grad = False",
    "{x}.retain_grad()", "{x}.numpy()", "{x} += 1", "torch.tensor([1]).requires_grad_()", "assert {x}.requires_grad, 'no'", "{x}.view(5)",
]  # fmt: skip

CONTEXTS = [
    "torch.no_grad()", "torch.no_grad()", "torch.enable_grad()", "torch.set_grad_enabled(False)", "torch.set_grad_enabled(True)",
    "torch.inference_mode()", "torch.set_grad_enabled(random.random() < 0.5)", "torch.autograd.set_grad_enabled(False)", "torch.inference_mode(False)",
    "torch.autograd.detect_anomaly(check_nan=False)", "torch.no_grad(), torch.enable_grad()", "torch.autocast('cpu', enabled=False)",
]  # fmt: skip


def make_with(w: Writer, scope: Scope) -> list[str]:
    """A grad mode around a block; what it binds may be used after it."""
    context = w.draw.choice(CONTEXTS)
    if scope.of("flag") and w.chance(0.2):
        context = f"torch.set_grad_enabled({w.draw.choice(scope.of('flag'))})"
    inner = scope.child()
    lines = [f"with {context}:", *w.block(inner)]
    scope.names.update({k: v for k, v in inner.names.items() if f"    {k} = " in "\n".join(lines)})
    return lines


def make_match(w: Writer, scope: Scope) -> list[str]:
    """match over a constant, a tuple, a class."""
    x, y = w.vec(scope), w.vec(scope)
    subject = w.draw.choice(["random.randint(0, 2)", f"({x}, {y})", "'a'", f"{x}", f"[{x}, 1]"])
    lines = [f"match {subject}:"]
    cases = ["0", "'a'", "1 | 2", "torch.Tensor()", "int()", "[_, _]"]
    for case in w.draw.sample(cases, 2):
        lines += [f"{IN}case {case}:", *(IN + line for line in inside(w, scope))]
    if w.chance(0.7):
        inner = scope.child()
        capture = w.fresh("m")
        if subject == x:
            inner.names[capture] = "vec"
        lines += [f"{IN}case {capture}:", *(IN + line for line in w.block(inner))]
    return lines


SIGNATURES = [
    "{a}, {b}", "{a}, {b}=None", "{a}, *rest", "*rest", "{a}, {b}, flag=True", "{a}, /, {b}, **kw", "{a}, {b}, *, scale=2.0", "{a}: torch.Tensor, {b}: torch.Tensor",
]  # fmt: skip


def make_function(w: Writer, scope: Scope, decorators: bool = True) -> list[str]:
    """A function of two tensors."""
    name, a, b = w.fresh("f"), w.fresh("a"), w.fresh("b")
    signature = w.draw.choice(SIGNATURES)
    inner = scope.child(function=True)
    head: list[str] = []
    if "*rest" in signature:
        if "{a}" not in signature:
            head.append(f"{a} = rest[0]")
        head.append(f"{b} = rest[-1]")
    if "=None" in signature:
        head += [f"if {b} is None:", f"{IN}{b} = {a}"]
    if "flag" in signature:
        inner.names["flag"] = "flag"
    inner.names |= {a: "vec", b: "vec"}
    outer = [n for n in scope.of("vec") if n in inner.names]
    for each in outer:  # an outer name may be rebound in here: then it must be this function's own
        if w.chance(0.85):
            del inner.names[each]
    body = w.block(inner, 1, 4)
    made = [n for n in inner.of("vec") if n not in scope.names] or [a]
    bound = {n for n in outer if any(f"{n} = " in line or f"{n} += " in line for line in body)}
    if bound:
        keyword = "nonlocal" if scope.function else "global"
        head = [f"{keyword} {', '.join(sorted(bound))}", *head]
    lines = [f"def {name}({signature.replace('{a}', a).replace('{b}', b)}):"]
    modes = [
        "@torch.no_grad()",
        "@torch.enable_grad()",
        "@torch.inference_mode()",
        "@torch.no_grad",
    ]
    if decorators and w.chance(0.12):
        lines.insert(0, w.draw.choice(modes))
    if w.chance(0.08):
        head.append(f"if random.random() < 0.3: return {name}({b}, {a})")
    lines += [IN + line for line in head] + body
    lines.append(f"{IN}return {w.draw.choice([made[-1], f'{made[-1]} * {a}', a, made[0]])}")
    if w.chance(0.08):
        lines = [line for line in lines if not line.startswith(f"{IN}return")] + [f"{IN}return {a}"]
    scope.names[name] = "func"
    if w.chance(0.85):
        result = w.fresh()
        lines.append(f"{result} = {name}({w.vec(scope)}, {w.vec(scope)})")
        scope.names[result] = "vec"
    return lines


def make_closure(w: Writer, scope: Scope) -> list[str]:
    """A function that makes a function, with a cell that may be rebound."""
    name, cell, result = w.fresh("f"), w.fresh("c"), w.fresh()
    shape = w.draw.choice(CLOSURES)
    lines = [
        line.replace("{n}", name).replace("{c}", cell).replace("{r}", result)
        for line in w.fill(shape, scope).split("\n")
    ]
    scope.names[name] = "func"
    scope.names[result] = "vec"
    return lines


CLOSURES = [
    "def {n}_maker(k):\n    {c} = k * 2\n    def inner(a, b):\n        nonlocal {c}\n        {c} = {c} + a\n        return {c} * b\n    return inner\n"
    "{n} = {n}_maker({x})\n{r} = {n}({y}, {x})",
    "{n} = lambda a, b: a * {x} + b\n{r} = {n}({y}, {x})",
    "{n} = lambda a, b={y}: a + b\n{r} = {n}({x})",
    "import functools\n{n} = functools.partial(torch.lerp, weight=0.5)\n{r} = {n}({x}, {y})",
    "def {n}(a, b, seen=[]):\n    seen.append(a)\n    return sum(seen) * b\n{r} = {n}({x}, {y})",
    "def {n}(a, b, depth=2):\n    if depth == 0:\n        return a\n    {c} = a * b\n    return {n}({c}, b, depth - 1)\n{r} = {n}({x}, {y})",
    "def {n}_deco(fn):\n    def wrapper(*args, **kw):\n        {c} = fn(*args, **kw)\n        return {c} * 2\n    return wrapper\n"
    "@{n}_deco\ndef {n}(a, b):\n    return a + b\n{r} = {n}({x}, {y})",
    "def {n}_deco(fn):\n    def wrapper(*args):\n        with torch.no_grad():\n            return fn(*args)\n    return wrapper\n"
    "@{n}_deco\ndef {n}(a, b):\n    return a * b\n{r} = {n}({x}, {y})",
    "def {n}(a, b):\n    {c} = a.detach() if random.random() < 0.5 else a\n    return {c} + b\n{r} = {n}({x}, {y})",
    "def {n}(a, b):\n    a += 1\n    return b\n{r} = {n}({x}, {y})",
    "def {n}(a, b):\n    try:\n        return a * 2\n    finally:\n        b.requires_grad_(a.is_leaf)\n{r} = {n}({x}, {y})",
    "{n}s = [lambda a, b, k=k: a * k + b for k in range(2)]\n{n} = {n}s[1]\n{r} = {n}({x}, {y})",
    "def {n}(a, b):\n    return {'out': a * b, 'aux': (a, b)}['out']\n{r} = {n}({x}, {y})",
]  # fmt: skip


def make_generator(w: Writer, scope: Scope) -> list[str]:
    """A generator and a loop over it."""
    name, item, result = w.fresh("gen"), w.fresh("e"), w.fresh()
    shape = w.draw.choice(GENERATORS)
    scope.names[result] = "vec"
    lines = w.fill(shape, scope).replace("{n}", name).replace("{e}", item).replace("{r}", result)
    return lines.split("\n")


GENERATORS = [
    "def {n}(a, b):\n    yield a\n    yield b * 2\n{r} = {x}\nfor {e} in {n}({x}, {y}):\n    {r} = {r} + {e}",
    "def {n}(a):\n    for _ in range(2):\n        a = a.detach()\n        yield a\n{r} = sum({n}({x}))",
    "def {n}(a, b):\n    with torch.no_grad():\n        yield a * b\n{r} = next({n}({x}, {y}))",
    "{n} = (k * 2 for k in ({x}, {y}))\n{r} = torch.stack(list({n})).sum(0)",
    "def {n}(a, b):\n    yield from (a, b)\n{r}, {e} = {n}({x}, {y})",
]
