"""Context: what was open or selected in IDE, browser and desktop when an event was captured."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import common as _common
from conversation_client.models import format as _format
from conversation_client.models import person as _person
from conversation_client.models import website as _website
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class LanguageServerProtocolSeverityEnum(_OpenEnum):
    """Severity of a language server diagnostic."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFORMATION = "INFORMATION"
    HINT = "HINT"
    UNKNOWN = "UNKNOWN"


@_document
class BrowserSelection(_common.Versioned):
    """Piece of text taken from a browser tab, with its classification."""

    classification: _format.Classification
    value: _common.TransferableString
    """The text taken, in raw or base64 form."""


@_document
class BrowserTab(_common.Versioned):
    """One browser tab: its contents, website or anchor, time span and contributors."""

    values: BrowserTabValues | None = None
    anchor: _anchor.SeededAnchor | None = None
    website: _website.SeededWebsite | None = None
    range: _common.AnonymousTemporalRange | None = None
    """Span of time the tab belongs to."""
    current: bool | None = None
    contributors: DocumentContributors | None = None


@_document
class BrowserTabValue(_common.Versioned):
    """Contents of a browser tab in several forms, next to the snippet or selection taken from it."""

    html: _common.TransferableString | None = None
    """Contents as HTML."""
    md: _common.TransferableString | None = None
    """Contents as Markdown."""
    text: _common.TransferableString | None = None
    """Contents as plain text."""
    snippet: BrowserSelection | None = None
    selection: BrowserSelection | None = None


@_document
class BrowserTabValues(_common.Versioned):
    """List of the values captured from one browser tab."""

    iterable: list[BrowserTabValue]


@_document
class BrowserTabs(_common.Versioned):
    """List of browser tabs."""

    iterable: list[BrowserTab]


@_document
class DocumentContributor(_common.Versioned):
    """Person who contributed to a document, with the text concerned and its classification."""

    person: _person.PersonBasicType
    classification: _format.Classification | None = None
    value: _common.TransferableString | None = None
    """Text contributed, in raw or base64 form."""
    updated: _common.GroupedTimestamp | None = None


@_document
class DocumentContributors(_common.Versioned):
    """List of the contributors to a document."""

    iterable: list[DocumentContributor]


@_document
class IDESelection(_common.Versioned):
    """Text selected in an IDE tab, with its place in the file and its classification."""

    location: LanguageServerProtocolLocation | None = None
    """Document and range the selection was made in."""
    classification: _format.Classification | None = None
    value: _common.TransferableString | None = None
    """Selected text, in raw or base64 form."""


@_document
class IDESelections(_common.Versioned):
    """List of the selections made in one IDE tab."""

    iterable: list[IDESelection]


@_document
class IDETab(_common.Versioned):
    """An editor tab of an IDE: its file as an anchor, text, selections and diagnostics."""

    anchor: _anchor.SeededAnchor
    """File open in the tab."""
    value: _common.TransferableString | None = None
    """Text of the tab, in raw or base64 form."""
    classification: _format.Classification | None = None
    selections: IDESelections | None = None
    range: _common.AnonymousTemporalRange | None = None
    """Span of time the tab belongs to."""
    current: bool | None = None
    contributors: DocumentContributors | None = None
    lsp: LanguageServerProtocol | None = None
    """What the language server reported about the tab."""


@_document
class IDETabs(_common.Versioned):
    """List of IDE tabs."""

    iterable: list[IDETab]


@_document
class LanguageServerProtocol(_common.Versioned):
    """What a language server reported about an IDE tab, currently its diagnostics."""

    diagnostics: LanguageServerProtocolDiagnostics | None = None


@_document
class LanguageServerProtocolCode(_common.Versioned):
    """Code of a diagnostic, held as an integer, a string or raw JSON."""

    code_integer: int | None = None
    """The code where it is a number."""
    code_string: str | None = None
    """The code where it is text."""
    raw_json: dict[str, str] | None = None
    """The code as a JSON object with string values."""


@_document
class LanguageServerProtocolCodeDescription(_common.Versioned):
    """Link to an explanation of a diagnostic's code."""

    href: str
    """URI of the explanation."""


@_document
class LanguageServerProtocolDiagnostic(_common.Versioned):
    """One problem or hint a language server reported for a stretch of a file."""

    range: LanguageServerProtocolLocationRange
    message: str
    severity: LanguageServerProtocolSeverityEnum | None = None
    code: LanguageServerProtocolCode | None = None
    code_description: LanguageServerProtocolCodeDescription | None = _renamed(
        "codeDescription", default=None
    )
    source: str | None = None
    """Tool that reported the diagnostic, e.g. a compiler or linter."""


@_document
class LanguageServerProtocolDiagnostics(_common.Versioned):
    """List of language server diagnostics."""

    iterable: list[LanguageServerProtocolDiagnostic]


@_document
class LanguageServerProtocolLocation(_common.Versioned):
    """Stretch of text within a document named by its URI."""

    uri: str
    """URI of the document."""
    range: LanguageServerProtocolLocationRange


@_document
class LanguageServerProtocolLocationRange(_common.Versioned):
    """Stretch of text between a start and an end position."""

    start: LanguageServerProtocolLocationRangePosition
    end: LanguageServerProtocolLocationRangePosition
    """Exclusive in the Language Server Protocol."""


@_document
class LanguageServerProtocolLocationRangePosition(_common.Versioned):
    """Point in a document given by line and character."""

    line: int
    """Zero-based in the Language Server Protocol."""
    character: int
    """Offset within the line; zero-based in the Language Server Protocol."""


@_document
class NativeAccessibility(_common.Versioned):
    """Text read from a window through the operating system's accessibility interface."""

    accessibility_text: str = _renamed("accessibilityText")
    app_title: str = _renamed("appTitle")
    window_title: str = _renamed("windowTitle")
    is_merged: bool = _renamed("isMerged")
    is_cached: bool = _renamed("isCached")
    browser_url: str | None = _renamed("browserUrl", default=None)
    """URL shown, where the window is a browser."""


@_document
class NativeClipboard(_common.Versioned):
    """Clipboard contents together with the application and window they belong to."""

    content: NativeClipboardContent
    is_cached: bool = _renamed("isCached")
    app_title: str | None = _renamed("appTitle", default=None)
    window_title: str | None = _renamed("windowTitle", default=None)


@_document
class NativeClipboardContent(_common.Versioned):
    """What the clipboard held, as HTML, RTF and plain text."""

    html: str | None = None
    rtf: str | None = None
    text: str | None = None


@_document
class NativeOCR(_common.Versioned):
    """Text recognised on screen, with the application and window it was seen in."""

    ocr_text: str = _renamed("ocrText")
    """Recognised text."""
    ocr_text_hash: str = _renamed("ocrTextHash")
    """Hash of `ocrText`."""
    app_title: str = _renamed("appTitle")
    window_title: str = _renamed("windowTitle")
    is_merged: bool = _renamed("isMerged")
    is_cached: bool = _renamed("isCached")
    browser_url: str | None = _renamed("browserUrl", default=None)
    """URL shown, where the window is a browser."""
    embedding_model_unique_name: str | None = _renamed("embeddingModelUniqueName", default=None)
    """Unique name of the model used for embedding the text."""


@_document
class ProjectModule(_common.Versioned):
    """Module of a project open in an IDE: its anchor, time span, contributors and classifications."""

    anchor: _anchor.SeededAnchor
    """File or folder of the module."""
    range: _common.AnonymousTemporalRange | None = None
    """Span of time the module belongs to."""
    contributors: DocumentContributors | None = None
    classifications: _format.Classifications | None = None


@_document
class ProjectModules(_common.Versioned):
    """List of project modules."""

    iterable: list[ProjectModule]


@_document
class WorkstreamEventContext(_common.Versioned):
    """Circumstances of a workstream event, with a part for each origin."""

    ide: WorkstreamEventTriggerContextIDE | None = None
    browser: WorkstreamEventTriggerContextBrowser | None = None
    native_ocr: NativeOCR | None = None
    """Text recognised on the screen."""
    accessibility: NativeAccessibility | None = None
    """Text read through the accessibility interface."""
    native_clipboard: NativeClipboard | None = None


@_document
class WorkstreamEventTrigger(_common.Versioned):
    """What set off a workstream event, with one flag per cause."""

    check_in: bool | None = None
    copy: bool | None = None
    paste: bool | None = None
    file_open: bool | None = None
    file_close: bool | None = None
    tab_switch: bool | None = None
    tab_close: bool | None = None
    tab_open: bool | None = None
    tab_enter: bool | None = None
    tab_leave: bool | None = None
    url_changed: bool | None = None
    """The browser moved to another URL."""
    application_enter: bool | None = None
    application_leave: bool | None = None
    application_switch: bool | None = None
    native_screenshot: bool | None = None
    """A screenshot was taken natively."""


@_document
class WorkstreamEventTriggerContextBrowser(_common.Versioned):
    """Browser part of an event's context: the tabs."""

    tabs: BrowserTabs | None = None


@_document
class WorkstreamEventTriggerContextIDE(_common.Versioned):
    """IDE part of an event's context: its name, tabs and project modules."""

    tabs: IDETabs | None = None
    modules: ProjectModules | None = None
    name: str | None = None
    """Name of the IDE."""
