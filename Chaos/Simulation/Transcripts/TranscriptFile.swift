/// A transcript as it is written: comments, commands, a line of dashes, what came of them, an empty line (the manner of
/// CockroachDB's datadriven and etcd/raft's testdata).
package struct TranscriptFile: Hashable, Sendable {
    struct Block: Hashable, Sendable {
        /// Comments and commands as they stand.
        var head: [String]
        var output: [String]

        var commands: [String] { head.filter { !$0.isEmpty && !$0.hasPrefix("#") } }
    }

    var blocks: [Block]

    /// Reads the text form.
    package init(_ text: String) {
        blocks = []
        var head: [String] = []
        var output: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if let lines = output {
                if line.isEmpty {
                    blocks.append(Block(head: head, output: lines))
                    (head, output) = ([], nil)
                } else {
                    output = lines + [line]
                }
            } else if line == "----" {
                output = []
            } else if !line.isEmpty || !head.isEmpty {
                head.append(line)
            }
        }
        if let output { blocks.append(Block(head: head, output: output)) }
    }

    /// The text form.
    package var text: String {
        blocks.map { block in
            (block.head + ["----"] + block.output + [""]).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Plays the commands and puts what comes of them in the place of what stands there.
    package func played() -> TranscriptFile {
        var result = self
        let player = TranscriptPlayer()
        for index in blocks.indices { result.blocks[index].output = player.play(blocks[index].commands) }
        player.end()
        return result
    }

    /// The first lines that differ, for people; `nil`: none do.
    package func difference(from other: TranscriptFile) -> String? {
        for (mine, theirs) in zip(blocks, other.blocks) where mine != theirs {
            let index = zip(mine.output, theirs.output).enumerated().first { $0.1.0 != $0.1.1 }?.0
            let place = index ?? min(mine.output.count, theirs.output.count)
            func line(_ block: Block) -> String { block.output.indices.contains(place) ? block.output[place] : "(end)" }
            return "after \(mine.commands.joined(separator: ", ")):\n  \(line(mine))\ninstead of\n  \(line(theirs))"
        }
        return blocks.count == other.blocks.count ? nil : "another number of blocks"
    }
}
