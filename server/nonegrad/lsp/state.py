"""What the handlers share: the open documents, the session, the client, and what runs meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from nonegrad import __version__
from nonegrad.analyze import Report, analyze
from nonegrad.lsp import actions, parent, to_proto
from nonegrad.lsp.actions import Cure
from nonegrad.lsp.client import Client
from nonegrad.lsp.documents import Document, Documents, filename_of
from nonegrad.lsp.notebooks import NOTEBOOKS, CellReport, Notebook
from nonegrad.lsp.session import Analyze, Session, Snapshot, SupersededError
from nonegrad.lsp.settings import Scopes, parse
from nonegrad.lsp.to_proto import Place, Places
from nonegrad.options import OptionError
from nonegrad.rules.base import Finding

if TYPE_CHECKING:
    from nonegrad.names.jedi_names import JediNames

log = logging.getLogger(__name__)

# Time for more news to come in before everything is looked at again, and between looks at a parent.
GATHER, WATCH = 0.1, 2.0
# Time for the first document to be opened, which is not to wait for what is loaded ahead.
IDLE = 0.5

Seen = Report | CellReport

EXPECTED = (
    types.LSPErrorCodes.RequestCancelled.value,
    types.LSPErrorCodes.ServerCancelled.value,
    types.LSPErrorCodes.ContentModified.value,
)


class Server(LanguageServer):
    """The state that the handlers share. To be made on a running event loop."""

    def __init__(self, analyze: Analyze = analyze) -> None:
        super().__init__("nonegrad", __version__, notebook_document_sync=NOTEBOOKS)  # pyright: ignore[reportUnknownMemberType]
        self.documents = Documents()
        self.session = Session(analyze)
        self.client = Client()
        self.scopes = Scopes(self._complain)
        self.names: JediNames | None = None
        self.on_orphaned: Callable[[], None] = lambda: None
        self.watches_parent = False
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._renewal: asyncio.TimerHandle | None = None
        self._crashed = False
        self._finds_names = False
        self.session.options = self.scopes.options
        self.session.on_crash = self.tell_crash

    def places(self, snapshot: Snapshot) -> Places:
        """What the client knows of each file, where `snapshot` is what a report was made of."""

        def place(filename: str) -> Place:
            if filename == snapshot.source.filename:
                return Place(snapshot.uri, snapshot.source, snapshot.version)
            document = self.documents.named(filename)
            if document is not None:
                return Place(document.uri, document.snapshot().source, document.version)
            return to_proto.on_disk(filename)

        return place

    def is_current(self, snapshot: Snapshot) -> bool:
        """Whether the document is still open and still has that text."""
        document = self.documents.get(snapshot.uri)
        return document is not None and document.snapshot() is snapshot

    async def report(self, uri: str) -> tuple[Snapshot, Seen] | None:
        """The report on a document as it is now; None where it is closed or moves on meanwhile."""
        document = self.documents.get(uri)
        try:
            return await self.see(document) if document is not None else None
        except SupersededError:
            return None

    async def see(self, document: Document) -> tuple[Snapshot, Seen]:
        """The report on a document, and what it was made of. Raises SupersededError."""
        own, notebook = document.snapshot(), self.documents.notebook(document.uri)
        if notebook is None:
            return own, await self.session.report(own)
        whole, layout = self.documents.whole(notebook)
        return own, CellReport.of(await self.session.report(whole), own.source, layout)

    async def diagnostics(self, document: Document) -> tuple[Snapshot, list[types.Diagnostic]]:
        """The squiggles of a document as it is now. Raises SupersededError."""
        snapshot, report = await self.see(document)
        findings = to_proto.shown(report.findings, self.scopes.settings.severity)
        places = self.places(snapshot)
        return snapshot, [to_proto.diagnostic(each, places, self.client) for each in findings]

    async def cures(self, report: Seen, findings: Iterable[Finding]) -> list[Cure]:
        """These findings with their fixes, which the worker writes: the first one loads libcst."""
        wanted = tuple(findings)
        if not wanted:
            return []
        cures = await self.session.run(lambda: [(each, report.fixes(each)) for each in wanted])
        return actions.current(cures, report.others, self.documents)

    async def edit_all(self, snapshot: Snapshot, report: Seen) -> types.WorkspaceEdit | None:
        """The edit that applies every safe fix; None where there is none, or the text moved on."""
        findings = to_proto.shown(report.findings, self.scopes.settings.severity)
        edits = actions.all_safe(await self.cures(report, findings))
        if not edits or not self.is_current(snapshot):
            return None
        return to_proto.workspace_edit(edits, self.places(snapshot), self.client)

    async def publish(self, document: Document) -> None:
        """Send the squiggles of a document to a client that cannot ask, unless it moves on."""
        try:
            snapshot, items = await self.diagnostics(document)
        except SupersededError:
            return
        if self.is_current(snapshot):
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(snapshot.uri, items, snapshot.version)
            )

    def moved(self, document: Document) -> None:
        """A document has a new text: so reports of others that rest on it are not good any more."""
        notebook = self.documents.notebook(document.uri)
        if notebook is not None:
            self.notebook_moved(notebook)
            return
        self.session.supersede(document.uri)
        if not self.client.pulls:
            self.spawn(self.publish(document))
        if self.session.touch(document.filename):
            self.look_again_soon()

    def notebook_moved(self, notebook: Notebook) -> None:
        """A cell changed, and what runs after it means something else, maybe."""
        notebook.changed()
        self.session.supersede(notebook.uri)
        for cell in self.documents.cells(notebook):
            cell.stir()
            if not self.client.pulls:
                self.spawn(self.publish(cell))
        self.look_again_soon()

    def closed(self, uri: str) -> None:
        """A document is no longer open."""
        if self.documents.close(uri) is None:
            return
        self.session.forget(uri)
        if not self.client.pulls:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        if self.session.touch(filename_of(uri)):
            self.look_again_soon()

    def renew_soon(self) -> None:
        """Every report is to be made anew: settings changed, or names became known."""
        self.session.renew()
        self.look_again_soon()

    def look_again_soon(self) -> None:
        """Have the client look at the open documents again; soon, for more may be to come."""
        if self._renewal is None:
            self._renewal = self._loop.call_later(GATHER, self._look_again)

    def news(self) -> None:
        """`renew_soon`, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.renew_soon)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something that nobody waits for; if it fails, that is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def configure(self, value: object) -> None:
        """Take over what the user set; what does not hold is said, and what held before stays."""
        try:
            found = parse(value)
        except OptionError as error:
            self._complain(f"settings: {error}")
            return
        before = self.scopes.settings
        if found != before:
            self.scopes.change(found)
            self.renew_soon()
        if self._finds_names and found.interpreter != before.interpreter:
            self.spawn(self.find_names())

    async def find_names(self) -> None:
        """Have names of other files found from here on; nothing waits for them."""
        python, before = self.scopes.settings.interpreter, self.names
        self._finds_names = True

        def make() -> JediNames:
            from nonegrad.names.jedi_names import JediNames
            from nonegrad.names.paths import cache_home

            return JediNames(None, cache_home(), self.documents.buffers.get, self.news, python)

        self.names = await self.session.provide(make)
        if before is not None:
            await self.session.run(before.stop)

    async def warm_up(self) -> None:
        """Load what the first light bulb needs, once the worker has nothing better to do."""
        await asyncio.sleep(IDLE)
        await self.session.run(lambda: None)
        await asyncio.to_thread(actions.load)

    def files_changed(self) -> None:
        """Files changed outside the editor."""
        self.scopes.forget()
        if self.names is not None:
            self.names.changed()
        self.renew_soon()

    async def ask_settings(self) -> None:
        """Fetch the user's settings from the client."""
        item = types.ConfigurationItem(section="nonegrad")
        found = await self.workspace_configuration_async(types.ConfigurationParams([item]))
        if found and found[0] is not None:
            self.configure(found[0])

    async def watch_files(self) -> None:
        """Have the client say when files change that reports may rest on."""
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in ("*.py", "pyproject.toml")]
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        await self.client_register_capability_async(
            types.RegistrationParams([types.Registration("files", method, options)])
        )

    async def watch_parent(self, pid: int) -> None:
        """End with the process that started the server, also where it cannot say goodbye."""
        while parent.alive(pid):
            await asyncio.sleep(WATCH)
        self.on_orphaned()

    def tell(self, kind: types.MessageType, message: str) -> None:
        """Show the user one line."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def stop(self) -> None:
        """Let go of the worker and of everything under way."""
        for task in self._tasks:
            task.cancel()
        self.session.stop()
        if self.names is not None:
            self.names.stop()

    def refuse(self, msg_id: str | int, error: JsonRpcException) -> None:
        """Answer a request with an error."""
        self.protocol._send_response(msg_id, error=error.to_response_error())  # pyright: ignore

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """What goes wrong in a handler goes to the log, whole; to the user goes one line, once."""
        if isinstance(error, JsonRpcException) and error.code in EXPECTED:
            return
        log.error("%s", error, exc_info=True)  # pygls calls from an except clause.
        self.tell_crash("a message", error)

    def _complain(self, what: str) -> None:
        self.tell(types.MessageType.Error, f"nonegrad: {what}")

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s", error, exc_info=error)

    def _look_again(self) -> None:
        self._renewal = None
        if self.client.refreshes and self.client.pulls:
            self.workspace_diagnostic_refresh(None)
        elif not self.client.pulls:
            for document in self.documents:
                self.spawn(self.publish(document))

    def tell_crash(self, what: str, error: BaseException) -> None:
        """Tell the user that something went wrong; once is enough, the log has them all."""
        if not self._crashed:
            self._crashed = True
            reason = f"{type(error).__name__}: {error}"
            self.tell(
                types.MessageType.Error,
                f"nonegrad could not handle {what} ({reason}). The log has the details.",
            )
