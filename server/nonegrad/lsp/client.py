"""What the client said it can do, reduced to what matters here."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True, slots=True)
class Client:
    """What was agreed with the client when it connected."""

    encoding: str = "utf-16"
    pulls: bool = True
    refreshes: bool = False
    configures: bool = False
    watches_files: bool = False
    related: bool = True
    markdown: bool = True
    document_changes: bool = True
    resolves_edits: bool = False

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities, encoding: str) -> Client:
        """From what the client sent with `initialize`."""

        def can(path: str) -> bool:
            return bool(get_capability(capabilities, path, False))

        formats = get_capability(capabilities, "text_document.hover.content_format", ()) or ()
        resolved = get_capability(
            capabilities, "text_document.code_action.resolve_support.properties", ()
        )
        diagnostic = get_capability(capabilities, "text_document.diagnostic", None)
        return cls(
            encoding=encoding,
            pulls=diagnostic is not None,
            refreshes=can("workspace.diagnostics.refresh_support"),
            configures=can("workspace.configuration"),
            watches_files=can("workspace.did_change_watched_files.dynamic_registration"),
            related=can("text_document.publish_diagnostics.related_information")
            or bool(getattr(diagnostic, "related_information", False)),
            markdown=types.MarkupKind.Markdown in formats,
            document_changes=can("workspace.workspace_edit.document_changes"),
            resolves_edits="edit" in (resolved or ()),
        )
