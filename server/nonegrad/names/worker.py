"""The worker process: questions as JSON lines on stdin, answers on stdout, gone with its parent."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import Any


def serve() -> None:
    """Answer until stdin ends. A question that fails is answered with its error."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # jedi and what it reads may print: the pipe is for answers alone.
    os.dup2(2, 1)
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(questions,), daemon=True).start()
    from nonegrad.names.inference import Jedi

    jedi = Jedi(sys.argv[1], tuple(sys.path[: int(sys.argv[2])]))
    while True:
        question: dict[str, Any] = json.loads(questions.get())
        answered: dict[str, Any]
        try:
            answered = ask(jedi, question)
        except Exception as error:
            # jedi may fail in any way on code it reads; the parent is told which way.
            answered = {"answer": None, "stamps": {}, "error": f"{type(error).__name__}: {error}"}
        answered["id"] = question["id"]
        answers.write(json.dumps(answered).encode() + b"\n")


def ask(jedi: Any, question: dict[str, Any]) -> dict[str, Any]:
    """Put one question to jedi by its kind."""
    if question["ask"] == "import":
        return jedi.answer_import(question)
    return jedi.answer_expression(question)


def listen(questions: queue.SimpleQueue[bytes]) -> None:
    """Pass lines on; when they end the parent is gone, and nobody waits for an answer."""
    for line in iter(sys.stdin.buffer.readline, b""):
        questions.put(line)
    os._exit(0)


if __name__ == "__main__":
    serve()
