import DocumentCore
package import RuntimePorts

/// The bounds of the HTTP API (guarantee G10), and where the editor page's files are.
package struct HTTPAPIConfiguration: Sendable {
    /// The longest body of a request, in bytes.
    package var bodyBytes = 16 << 20
    /// The longest content of a new document, in UTF-16 units.
    package var documentLength = DocumentLimits().documentLength
    /// The longest title, in characters.
    package var titleCharacters = 200
    /// Items of a page of a list: unless asked for, and at most.
    package var pageItems = 50
    package var maximumPageItems = 500
    /// How far back the timeline of a document goes.
    package var timeline = TimelineBounds()
    /// The directory with `index.html` and what is below `/web/`; `nil`: no page is served.
    package var webRoot: String?

    package init(webRoot: String? = nil) { self.webRoot = webRoot }
}
