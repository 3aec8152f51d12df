/// Why the server could not be asked, or did not do what was asked.
package struct AMQPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable names of the causes.
    package enum Code: String, Sendable, CaseIterable {
        /// The URL, or what a call was given, makes no sense; nothing was sent.
        case invalidArgument
        /// No connection could be made.
        case notConnected
        /// The server refused; ``AMQPError/replyCode`` says why. The connection goes on, unless it was a login.
        case refused
        /// The server did not answer in time, or took nothing. Whether it did what was asked is unknown; the connection
        /// is broken.
        case timedOut
        /// The connection was lost. Whether the server did what was asked is unknown.
        case connectionLost
        /// The server said that it could not take a message over; the connection is broken.
        case notConfirmed
    }

    package var code: Code
    /// For people; without secrets.
    package var message: String
    /// The server's code (AMQP 0-9-1, "Reply codes"), where the server refused or closed: 404, 406, …
    package var replyCode: Int?

    package init(_ code: Code, _ message: String, replyCode: Int? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    /// Whether nothing can be sent over the connection any more.
    package var breaksConnection: Bool {
        switch code {
        case .invalidArgument, .refused: false
        case .notConnected, .timedOut, .connectionLost, .notConfirmed: true
        }
    }

    package var description: String { message }
}
