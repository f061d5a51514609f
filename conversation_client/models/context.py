"""Context: what was open or selected in IDE, browser and desktop when an event was captured."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import common as common_
from conversation_client.models import format as format_
from conversation_client.models import person as person_
from conversation_client.models import website as website_
from conversation_client.models.base import OpenEnum, document, renamed


class LanguageServerProtocolSeverityEnum(OpenEnum):
    """Severity of a language server diagnostic."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFORMATION = "INFORMATION"
    HINT = "HINT"
    UNKNOWN = "UNKNOWN"


@document
class BrowserSelection(common_.Versioned):
    """Piece of text taken from a browser tab, with its classification."""

    classification: format_.Classification
    value: common_.TransferableString
    """The text taken, in raw or base64 form."""


@document
class BrowserTab(common_.Versioned):
    """One browser tab: its contents, website or anchor, time span and contributors."""

    values: BrowserTabValues | None = None
    anchor: anchor_.SeededAnchor | None = None
    website: website_.SeededWebsite | None = None
    range: common_.AnonymousTemporalRange | None = None
    """Span of time the tab belongs to."""
    current: bool | None = None
    contributors: DocumentContributors | None = None


@document
class BrowserTabValue(common_.Versioned):
    """Contents of a browser tab in several forms, next to the snippet or selection taken from it."""

    html: common_.TransferableString | None = None
    """Contents as HTML."""
    md: common_.TransferableString | None = None
    """Contents as Markdown."""
    text: common_.TransferableString | None = None
    """Contents as plain text."""
    snippet: BrowserSelection | None = None
    selection: BrowserSelection | None = None


@document
class BrowserTabValues(common_.Versioned):
    """List of the values captured from one browser tab."""

    iterable: list[BrowserTabValue]


@document
class BrowserTabs(common_.Versioned):
    """List of browser tabs."""

    iterable: list[BrowserTab]


@document
class DocumentContributor(common_.Versioned):
    """Person who contributed to a document, with the text concerned and its classification."""

    person: person_.PersonBasicType
    classification: format_.Classification | None = None
    value: common_.TransferableString | None = None
    """Text contributed, in raw or base64 form."""
    updated: common_.GroupedTimestamp | None = None


@document
class DocumentContributors(common_.Versioned):
    """List of the contributors to a document."""

    iterable: list[DocumentContributor]


@document
class IDESelection(common_.Versioned):
    """Text selected in an IDE tab, with its place in the file and its classification."""

    location: LanguageServerProtocolLocation | None = None
    """Document and range the selection was made in."""
    classification: format_.Classification | None = None
    value: common_.TransferableString | None = None
    """Selected text, in raw or base64 form."""


@document
class IDESelections(common_.Versioned):
    """List of the selections made in one IDE tab."""

    iterable: list[IDESelection]


@document
class IDETab(common_.Versioned):
    """An editor tab of an IDE: its file as an anchor, text, selections and diagnostics."""

    anchor: anchor_.SeededAnchor
    """File open in the tab."""
    value: common_.TransferableString | None = None
    """Text of the tab, in raw or base64 form."""
    classification: format_.Classification | None = None
    selections: IDESelections | None = None
    range: common_.AnonymousTemporalRange | None = None
    """Span of time the tab belongs to."""
    current: bool | None = None
    contributors: DocumentContributors | None = None
    lsp: LanguageServerProtocol | None = None
    """What the language server reported about the tab."""


@document
class IDETabs(common_.Versioned):
    """List of IDE tabs."""

    iterable: list[IDETab]


@document
class LanguageServerProtocol(common_.Versioned):
    """What a language server reported about an IDE tab, currently its diagnostics."""

    diagnostics: LanguageServerProtocolDiagnostics | None = None


@document
class LanguageServerProtocolCode(common_.Versioned):
    """Code of a diagnostic, held as an integer, a string or raw JSON."""

    code_integer: int | None = None
    """The code where it is a number."""
    code_string: str | None = None
    """The code where it is text."""
    raw_json: dict[str, str] | None = None
    """The code as a JSON object with string values."""


@document
class LanguageServerProtocolCodeDescription(common_.Versioned):
    """Link to an explanation of a diagnostic's code."""

    href: str
    """URI of the explanation."""


@document
class LanguageServerProtocolDiagnostic(common_.Versioned):
    """One problem or hint a language server reported for a stretch of a file."""

    range: LanguageServerProtocolLocationRange
    message: str
    severity: LanguageServerProtocolSeverityEnum | None = None
    code: LanguageServerProtocolCode | None = None
    code_description: LanguageServerProtocolCodeDescription | None = renamed(
        "codeDescription", default=None
    )
    source: str | None = None
    """Tool that reported the diagnostic, e.g. a compiler or linter."""


@document
class LanguageServerProtocolDiagnostics(common_.Versioned):
    """List of language server diagnostics."""

    iterable: list[LanguageServerProtocolDiagnostic]


@document
class LanguageServerProtocolLocation(common_.Versioned):
    """Stretch of text within a document named by its URI."""

    uri: str
    """URI of the document."""
    range: LanguageServerProtocolLocationRange


@document
class LanguageServerProtocolLocationRange(common_.Versioned):
    """Stretch of text between a start and an end position."""

    start: LanguageServerProtocolLocationRangePosition
    end: LanguageServerProtocolLocationRangePosition
    """Exclusive in the Language Server Protocol."""


@document
class LanguageServerProtocolLocationRangePosition(common_.Versioned):
    """Point in a document given by line and character."""

    line: int
    """Zero-based in the Language Server Protocol."""
    character: int
    """Offset within the line; zero-based in the Language Server Protocol."""


@document
class NativeAccessibility(common_.Versioned):
    """Text read from a window through the operating system's accessibility interface."""

    accessibility_text: str = renamed("accessibilityText")
    app_title: str = renamed("appTitle")
    window_title: str = renamed("windowTitle")
    is_merged: bool = renamed("isMerged")
    is_cached: bool = renamed("isCached")
    browser_url: str | None = renamed("browserUrl", default=None)
    """URL shown, where the window is a browser."""


@document
class NativeClipboard(common_.Versioned):
    """Clipboard contents together with the application and window they belong to."""

    content: NativeClipboardContent
    is_cached: bool = renamed("isCached")
    app_title: str | None = renamed("appTitle", default=None)
    window_title: str | None = renamed("windowTitle", default=None)


@document
class NativeClipboardContent(common_.Versioned):
    """What the clipboard held, as HTML, RTF and plain text."""

    html: str | None = None
    rtf: str | None = None
    text: str | None = None


@document
class NativeOCR(common_.Versioned):
    """Text recognised on screen, with the application and window it was seen in."""

    ocr_text: str = renamed("ocrText")
    """Recognised text."""
    ocr_text_hash: str = renamed("ocrTextHash")
    """Hash of `ocrText`."""
    app_title: str = renamed("appTitle")
    window_title: str = renamed("windowTitle")
    is_merged: bool = renamed("isMerged")
    is_cached: bool = renamed("isCached")
    browser_url: str | None = renamed("browserUrl", default=None)
    """URL shown, where the window is a browser."""
    embedding_model_unique_name: str | None = renamed("embeddingModelUniqueName", default=None)
    """Unique name of the model used for embedding the text."""


@document
class ProjectModule(common_.Versioned):
    """Module of a project open in an IDE: its anchor, time span, contributors and classifications."""

    anchor: anchor_.SeededAnchor
    """File or folder of the module."""
    range: common_.AnonymousTemporalRange | None = None
    """Span of time the module belongs to."""
    contributors: DocumentContributors | None = None
    classifications: format_.Classifications | None = None


@document
class ProjectModules(common_.Versioned):
    """List of project modules."""

    iterable: list[ProjectModule]


@document
class WorkstreamEventContext(common_.Versioned):
    """Circumstances of a workstream event, with a part for each origin."""

    ide: WorkstreamEventTriggerContextIDE | None = None
    browser: WorkstreamEventTriggerContextBrowser | None = None
    native_ocr: NativeOCR | None = None
    """Text recognised on the screen."""
    accessibility: NativeAccessibility | None = None
    """Text read through the accessibility interface."""
    native_clipboard: NativeClipboard | None = None


@document
class WorkstreamEventTrigger(common_.Versioned):
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


@document
class WorkstreamEventTriggerContextBrowser(common_.Versioned):
    """Browser part of an event's context: the tabs."""

    tabs: BrowserTabs | None = None


@document
class WorkstreamEventTriggerContextIDE(common_.Versioned):
    """IDE part of an event's context: its name, tabs and project modules."""

    tabs: IDETabs | None = None
    modules: ProjectModules | None = None
    name: str | None = None
    """Name of the IDE."""
