import Delta

@testable import HistoryChecker

extension GuaranteeTests {
    // G6, G7, G8.
    static let content: [Case] = [
        Case(.digestDiffers) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.ack("o1", to: 1, 1, Digest(of: inserting("ho\n")))
            script.firstRow()
        },
        Case(.digestDiffers) { script in
            script.first()
            script.row(1, "o1", of: 1, inserting("hi"), digest: Digest(of: inserting("ho\n")))
            script.head(1)
        },
        Case(.digestDiffers) { script in
            script.first()
            script.add(
                .resynced(.init(session: "s2", version: 1, content: inserting("hi\n"), digest: Digest(rawValue: 1))))
            script.firstRow()
        },
        Case(.contentDiverged) { script in
            script.first()
            script.add(.held(.init(session: "s2", version: 1, content: inserting("ho\n"))))
            script.firstRow()
        },
        Case(.rowNotApplicable) { script in
            script.first()
            script.submit("o2", by: 2, on: 1, deleting(9))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o2", of: 2, deleting(9))
            script.head(2)
        },
        // The later insert to the left of the earlier one.
        Case(.transformedOtherwise) { script in
            script.first()
            script.submit("o2", by: 2, on: 0, inserting("yo"))
            script.ack("o2", to: 2, 2)
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o2", of: 2, inserting("yo"))
            script.head(2)
        },
        // The edit of another place is dropped.
        Case(.insertionChanged) { script in
            script.first()
            script.submit("o2", by: 2, on: 0, inserting("yo"))
            script.ack("o2", to: 2, 2)
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o2", of: 2, Delta())
            script.head(2)
        },
        Case(.emptyInsteadOfDocument) { script in
            script.first()
            script.add(.resynced(.init(session: "s2", version: 1, content: inserting("\n"))))
            script.firstRow()
        },
        Case(.emptyInsteadOfDocument, start: "old\n") { script in
            script.first()
            script.add(.opened(.init(session: "s3", document: "d", user: "cy")))
            script.add(.initial(.init(session: "s3", client: "c3", version: 0, content: inserting("old\n"))))
            script.firstRow()
        },
        Case(.emptyInsteadOfDocument, start: "old\n") { script in
            script.add(.read(.init(document: "d", user: "cy", askedAt: 0, version: 0, content: Delta())))
            script.head(0)
        },
    ]

    // G9.
    static let rights: [Case] = [
        Case(.editWithoutPermission) { script in
            script.change("ann", to: .view)
            script.first()
            script.firstRow()
        },
        // Sent before, committed after.
        Case(.editWithoutPermission) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.change("ann", to: .view)
            script.row(1, "o1", of: 1, inserting("hi"), committedAt: script.at + 1)
            script.head(1)
        },
        Case(.editWithoutPermission) { script in
            script.add(.permission(session: "s1", .view))
            script.first()
            script.firstRow()
        },
        // A session opened after the answer.
        Case(.contentWithoutPermission) { script in
            script.change("cy", to: .none)
            script.add(.opened(.init(session: "s3", document: "d", user: "cy")))
            script.add(.initial(.init(session: "s3", client: "c3", version: 0, content: inserting("\n"))))
            script.head(0)
        },
        // A session opened before: what it is told was submitted after.
        Case(.contentWithoutPermission) { script in
            script.change("ben", to: .none)
            script.first()
            script.firstRow()
        },
        Case(.contentWithoutPermission) { script in
            script.change("ben", to: .none)
            script.add(
                .read(.init(document: "d", user: "ben", askedAt: script.at + 1, version: 0, content: inserting("\n"))))
            script.head(0)
        },
    ]
}
