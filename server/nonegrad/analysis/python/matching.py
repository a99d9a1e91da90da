"""match statements: cases in order, each from what the earlier ones left."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either
from nonegrad.analysis.domain.values import ANY, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import attributes, conditions, expressions, iteration, statements


def run_match(m: Machine, statement: ast.Match) -> bool:
    """match SUBJECT: case PATTERN ..."""
    subject = expressions.evaluate(m, statement.subject)
    ancestor = m.s
    ends: list[State] = []
    going: State | None = ancestor.fork()
    for case in statement.cases:
        if going is None:
            break
        m.s = going.fork()
        verdict = bind(m, case.pattern, subject)
        if verdict is NO:
            continue
        after: State | None = m.s
        if case.guard is not None:
            after, _ = conditions.branch(m, case.guard)
            verdict = both(verdict, YES if after is not None and _ is None else MAYBE)
        if after is not None:
            m.s = after
            with m.recorder.visits.asking(verdict is not YES), ancestor.holding():
                if statements.run_block(m, case.body):
                    ends.append(m.s)
        if verdict is YES:
            going = None
    if going is not None:
        ends.append(going)
    if not ends:
        m.s = ancestor.fork()
        return False
    m.s = m.join(ancestor, ends)
    return True


def bind(m: Machine, pattern: ast.pattern, subject: Value) -> Truth:
    """Bind the names of a pattern; whether it matches."""
    match pattern:
        case ast.MatchValue(value=expression):
            wanted = expressions.evaluate(m, expression)
            verdict = conditions.comparison(m, subject, ast.Eq(), wanted)
            return MAYBE if verdict is None else verdict
        case ast.MatchSingleton(value=constant):
            return conditions.identity(m, subject, values.const(constant))
        case ast.MatchAs(pattern=inner, name=name):
            verdict = YES if inner is None else bind(m, inner, subject)
            if name is not None:
                m.bind(name, subject)
            return verdict
        case ast.MatchOr(patterns=patterns):
            result = NO
            for one in patterns:
                result = either(result, bind(m, one, subject))
            return result
        case ast.MatchSequence(patterns=patterns):
            items, rest = iteration.items_of(m, subject, pattern)
            exact = rest is None and len(items) == len(patterns)
            if not exact:
                escapes.escape(m, subject)
            for index, one in enumerate(patterns):
                bind(m, one, items[index] if exact else ANY)
            return MAYBE
        case ast.MatchMapping(patterns=patterns, rest=name):
            escapes.escape(m, subject)
            for one in patterns:
                bind(m, one, ANY)
            if name is not None:
                m.bind(name, ANY)
            return MAYBE
        case ast.MatchClass(cls=cls, patterns=positional, kwd_attrs=names, kwd_patterns=patterns):
            wanted = expressions.evaluate(m, cls)
            if subject and all(conditions.is_instance(m, atom, wanted) is NO for atom in subject):
                return NO
            if positional:
                escapes.escape(m, subject)
            for one in positional:
                bind(m, one, ANY)
            for name, one in zip(names, patterns, strict=True):
                bind(m, one, attributes.peek(m, subject, name))
            return MAYBE
        case ast.MatchStar(name=name):
            if name is not None:
                m.bind(name, ANY)
            return MAYBE
        case _:
            return MAYBE
