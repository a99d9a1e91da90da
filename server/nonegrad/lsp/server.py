"""The language server: which message does what. The work is done in `state` and below."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from nonegrad.analyze import analyze
from nonegrad.lsp import actions, graphs, parent, to_proto
from nonegrad.lsp.client import Client
from nonegrad.lsp.positions import from_position, from_range
from nonegrad.lsp.session import Analyze, Snapshot, SupersededError
from nonegrad.lsp.state import Seen, Server

log = logging.getLogger(__name__)

# pygls keeps documents of its own; `documents` says why they are not used here.
OWN_SYNC = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


def make_server(analyze: Analyze = analyze) -> Server:
    """A server with all its handlers. To be called on a running event loop."""
    server = Server(analyze)
    builtin = cast("Any", server.protocol.fm).builtin_features
    for method in OWN_SYNC:
        del builtin[method]
    for method, handler, options in FEATURES:
        server.feature(method, options)(handler)
    return server


def initialize(ls: Server, params: types.InitializeParams) -> None:
    encoding = str(getattr(ls.workspace.position_encoding, "value", ls.workspace.position_encoding))
    ls.client = Client.of(params.capabilities, encoding)
    folders = [to_fs_path(uri) for uri in ls.workspace.folders]
    ls.scopes.root = ls.workspace.root_path or next((each for each in folders if each), "")
    ls.configure(params.initialization_options)
    if ls.watches_parent and params.process_id and parent.alive(params.process_id):
        ls.spawn(ls.watch_parent(params.process_id))


def initialized(ls: Server, params: types.InitializedParams) -> None:
    ls.spawn(ls.find_names())
    ls.spawn(ls.warm_up())
    if ls.client.configures:
        ls.spawn(ls.ask_settings())
    if ls.client.watches_files:
        ls.spawn(ls.watch_files())


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    ls.moved(ls.documents.open(item.uri, item.version, item.text))


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    uri, version = params.text_document.uri, params.text_document.version
    document = ls.documents.change(uri, version, params.content_changes, ls.client.encoding)
    if document is None:
        log.warning("a change of %s, which is not open, is passed over", uri)
    else:
        ls.moved(document)


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.closed(params.text_document.uri)


def notebook_did_open(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    for item in params.cell_text_documents:
        ls.documents.open(item.uri, item.version, item.text)
    cells = [cell.document for cell in params.notebook_document.cells]
    ls.notebook_moved(ls.documents.open_notebook(params.notebook_document.uri, cells))


def notebook_did_change(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    notebook = ls.documents.notebook(params.notebook_document.uri)
    if notebook is None or params.change.cells is None:
        return
    structure, closed = params.change.cells.structure, ()
    if structure is not None:
        first, count = structure.array.start, structure.array.delete_count
        new = [cell.document for cell in structure.array.cells or ()]
        notebook.cells[first : first + count] = new
        for item in structure.did_open or ():
            ls.documents.open(item.uri, item.version, item.text)
        closed = structure.did_close or ()
    for text in params.change.cells.text_content or ():
        cell, changes = text.document, text.changes
        ls.documents.change(cell.uri, cell.version, changes, ls.client.encoding)
    ls.notebook_moved(notebook)
    for identifier in closed:
        ls.closed(identifier.uri)


def notebook_did_close(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    ls.documents.close_notebook(params.notebook_document.uri)
    ls.session.forget(params.notebook_document.uri)
    for identifier in params.cell_text_documents:
        ls.closed(identifier.uri)


def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.files_changed()


async def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    if ls.client.configures:
        await ls.ask_settings()
    else:
        ls.configure(params.settings)


async def diagnostic(
    ls: Server, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    try:
        _, items = await ls.diagnostics(document)
    except SupersededError:
        code = types.LSPErrorCodes.ServerCancelled
        raise JsonRpcException("the text moved on", code, {"retriggerRequest": True}) from None
    name = to_proto.result_id(items)
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(name)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=name)


async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    current = await ls.report(params.text_document.uri)
    if current is None:
        return None
    snapshot, report = current
    place = from_position(snapshot.source, params.position, ls.client.encoding)
    found = await ls.session.run(lambda: report.hover(*place))  # which may load libcst
    return to_proto.hover(found, snapshot.source, ls.client) if found else None


async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    current = await ls.report(params.text_document.uri)
    if current is None:
        return []
    snapshot, report = current
    findings = to_proto.shown(report.findings, ls.scopes.settings.severity)
    here = actions.at(findings, from_range(snapshot.source, params.range, ls.client.encoding))
    cures = await ls.cures(report, here)
    only, places = params.context.only, ls.places(snapshot)
    menu = actions.offered(snapshot.source, cures, only, places, ls.client)
    if actions.wants_all(params.context) and actions.fixable(findings):
        menu += await fix_all(ls, snapshot, report)
    return menu if ls.is_current(snapshot) else []


async def fix_all(ls: Server, snapshot: Snapshot, report: Seen) -> list[types.CodeAction]:
    """The entry that cures all; without its edits where the client can ask for them later."""
    data = [snapshot.uri, snapshot.version]
    entry = types.CodeAction("Fix all with safe fixes (nonegrad)", actions.FIX_ALL, data=data)
    if ls.client.resolves_edits:
        return [entry]
    entry.edit = await ls.edit_all(snapshot, report)
    return [entry] if entry.edit else []


async def resolve(ls: Server, params: types.CodeAction) -> types.CodeAction:
    uri, version = cast("tuple[str, int]", params.data)
    current = await ls.report(uri)
    if current is not None and current[0].version == version:
        params.edit = await ls.edit_all(*current)
    return params


FEATURES: tuple[tuple[str, Callable[..., Any], Any], ...] = (
    (types.INITIALIZE, initialize, None),
    (types.INITIALIZED, initialized, None),
    (types.TEXT_DOCUMENT_DID_OPEN, did_open, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, did_change, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, did_close, None),
    (types.NOTEBOOK_DOCUMENT_DID_OPEN, notebook_did_open, None),
    (types.NOTEBOOK_DOCUMENT_DID_CHANGE, notebook_did_change, None),
    (types.NOTEBOOK_DOCUMENT_DID_CLOSE, notebook_did_close, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration, None),
    (
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        diagnostic,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="nonegrad"
        ),
    ),
    (types.TEXT_DOCUMENT_HOVER, hover, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action,
        types.CodeActionOptions(actions.KINDS, resolve_provider=True),
    ),
    (types.CODE_ACTION_RESOLVE, resolve, None),
    (graphs.METHOD, graphs.graph, None),
)
