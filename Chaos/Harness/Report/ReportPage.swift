/// The report as one page that needs nothing else: style, script and figures are in it.
package struct ReportPage: Sendable {
    private let title: String
    private let json: [UInt8]

    /// Makes the page of a report's JSON.
    package init(title: String, json: [UInt8]) {
        self.title = title
        self.json = json
    }

    /// The page.
    package var html: String {
        // In a script element only `</` would end it early; `<` has another form in JSON.
        let data = String(decoding: json, as: UTF8.self).split(separator: "<", omittingEmptySubsequences: false)
            .joined(separator: "\\u003c")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(Self.escaped(title)) · collab chaos</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main id="report"></main>
            <script type="application/json" id="data">\(data)</script>
            <script type="module">
            \(Self.script)
            </script>
            </body>
            </html>

            """
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #e2e6ee; --paper: #ffffff;
          --good: #14804a; --bad: #c0271d; --none: #8a6d1a; --p50: #2563c9; --p99: #d97706; --max: #b3b9c6;
          --rate: #2f9e6e; --fault: #c0271d; --wash: #c0271d18; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #98a2b5; --line: #2c3444; --paper: #141821;
          --good: #4cc38a; --bad: #ff7a6e; --none: #e0bd5c; --p50: #6ea3ff; --p99: #f5b04c; --max: #566074;
          --rate: #4cc38a; --fault: #ff7a6e; --wash: #ff7a6e1c; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 26px; margin: 0 0 4px; }
        h2 { font-size: 17px; margin: 34px 0 10px; }
        p { margin: 0 0 8px; }
        .soft { color: var(--soft); }
        .good { color: var(--good); } .bad { color: var(--bad); } .none { color: var(--none); }
        .cards { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
        .card { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; min-width: 124px; }
        .card b { display: block; font-size: 20px; font-weight: 600; }
        .card span { color: var(--soft); font-size: 13px; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { text-align: left; color: var(--soft); font-weight: 500; }
        th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        code { font: 13px/1.5 ui-monospace, monospace; background: color-mix(in srgb, var(--line) 55%, transparent);
          border-radius: 5px; padding: 2px 6px; overflow-wrap: anywhere; }
        svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
        .legend { display: flex; gap: 16px; font-size: 13px; color: var(--soft); margin: 4px 0 0; }
        .legend i { display: inline-block; width: 14px; height: 3px; vertical-align: middle; margin-right: 6px; }
        details { margin: 4px 0; } summary { cursor: pointer; }
        .evidence { margin: 6px 0 10px 16px; font-size: 13px; }
        """
}
