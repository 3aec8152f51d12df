/// The release, as CHANGELOG.md names it.
enum CollabVersion {
    static let text = "0.1.0"
}
